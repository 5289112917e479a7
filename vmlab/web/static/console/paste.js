// The dialog that takes a text and hands it to the machine.
import { element } from "./page.js";
import { text } from "./texts.js";

// use(text, {told, signal}) hands it over, as long as it takes; check(text) says what will be missing.
export function pasteDialog({ use, check = () => "", closed }) {
  const dialog = element("paste");
  const field = element("paste-text");
  let stop = null;

  function recheck() {
    element("paste-warning").textContent = check(field.value);
  }

  async function send() {
    stop = new AbortController();
    element("paste-send").disabled = true;
    const told = (done, all) => {
      element("paste-progress").hidden = done === all;
      element("paste-progress").max = all;
      element("paste-progress").value = done;
    };
    await use(field.value, { told, signal: stop.signal });
    if (!stop.signal.aborted) dialog.close();
  }

  element("paste-send").addEventListener("click", send);
  element("paste-close").addEventListener("click", () => dialog.close());
  field.addEventListener("input", recheck);
  dialog.addEventListener("close", () => {
    stop?.abort();
    element("paste-send").disabled = false;
    element("paste-progress").hidden = true;
    field.value = ""; // it may have been a password
    recheck();
    closed();
  });
  element("paste-open").addEventListener("click", async () => {
    dialog.showModal();
    field.focus();
    try {
      field.value = await navigator.clipboard.readText();
    } catch {
      // The browser does not let us: then the user pastes it into the field.
    }
    recheck();
  });
  return recheck;
}

element("paste-open").textContent = text.paste;
