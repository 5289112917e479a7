// A phone's own keyboard for a machine: it comes for a text field, whose changes are typed.
import { element } from "./page.js";
import { type } from "./typing.js";

const START = "\u00a0".repeat(32); // something to delete

export function touchKeyboard(rfb) {
  const field = element("touch-field");
  let before = START;
  let typed = Promise.resolve();
  field.value = START;

  field.addEventListener("input", () => {
    const now = field.value;
    let same = 0;
    while (same < now.length && now[same] === before[same]) same += 1;
    const change = "\b".repeat(before.length - same) + now.slice(same);
    typed = typed.then(() => rfb() && type(rfb(), change));
    before = now;
    if (now.length < 8 || now.length > 500) before = field.value = START;
  });
  element("touch").addEventListener("click", () => {
    if (document.activeElement === field) field.blur();
    else field.focus();
  });
}
