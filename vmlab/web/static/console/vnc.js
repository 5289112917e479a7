// The noVNC page; with mode=view in its address it watches only.
import RFB from "/static/novnc/core/rfb.js";
import { screenToken } from "./api.js";
import { address, element, menu, show, start, vm } from "./page.js";
import { pasteDialog } from "./paste.js";
import { text } from "./texts.js";
import { touchKeyboard } from "./touch.js";
import { layouts, type, untypable } from "./typing.js";

const mode = address.get("mode") === "view" ? "view" : "control";
const CONTROL = ["ControlLeft", 0xffe3];
const ALT = ["AltLeft", 0xffe9];
const COMBINATIONS = [
  ["Ctrl-Alt-Del", [CONTROL, ALT, ["Delete", 0xffff]]],
  ["Esc", [["Escape", 0xff1b]]],
  ["Tab", [["Tab", 0xff09]]],
  ["Ctrl-C", [CONTROL, ["KeyC", 0x63]]],
  ["Alt-Tab", [ALT, ["Tab", 0xff09]]],
  ...[1, 2, 3, 4, 5, 6, 7].map((n) => [`Ctrl-Alt-F${n}`, [CONTROL, ALT, [`F${n}`, 0xffbd + n]]]),
];

let rfb = null;
let fits = localStorage.getItem("vmlab scale") !== "1:1";

function connect(socket) {
  const made = new RFB(element("screen"), socket, { shared: true });
  made.viewOnly = mode === "view"; // for looks only: the server drops what a watcher types
  made.background = "#14171c";
  made.addEventListener("connect", () => {
    rfb = made;
    document.querySelector("#screen .frozen")?.remove();
    show("connected", text.connected);
    scale();
    made.focus();
  });
  made.addEventListener("clipboard", ({ detail }) => {
    element("copy").hidden = false;
    element("copy").onclick = () => navigator.clipboard.writeText(detail.text);
  });
}

// What was last seen stays, darkened, until the screen is back.
function freeze() {
  const canvas = element("screen").querySelector("canvas:not(.frozen)");
  if (rfb === null || canvas === null || !canvas.width) return;
  const { left, top, width, height } = canvas.getBoundingClientRect();
  const picture = canvas.cloneNode();
  picture.className = "frozen";
  picture.getContext("2d").drawImage(canvas, 0, 0);
  const place = element("screen").getBoundingClientRect();
  picture.style.left = `${left - place.left}px`;
  picture.style.top = `${top - place.top}px`;
  picture.style.width = `${width}px`;
  picture.style.height = `${height}px`;
  picture.style.cursor = "";
  element("screen").querySelector(".frozen")?.remove();
  element("screen").append(picture);
  rfb = null;
}

function scale() {
  element("scale").textContent = fits ? text.fullSize : text.fit;
  element("scale").setAttribute("aria-pressed", String(!fits));
  if (rfb === null) return;
  rfb.scaleViewport = fits;
  rfb.clipViewport = !fits;
  rfb.dragViewport = !fits && matchMedia("(pointer: coarse)").matches;
}

function noticed(notice) {
  if (notice.type !== "viewers") return;
  const sentences = notice.viewers.map(({ user, mode: theirs, since }) => {
    const time = new Date(since).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    return theirs === "view" ? text.watches(user.username, time) : text.shares(user.username, time);
  });
  element("viewers").textContent = sentences.join(text.and);
}

function combine(keys) {
  for (const [code, symbol] of keys) rfb?.sendKey(symbol, code, true);
  for (const [code, symbol] of keys.toReversed()) rfb?.sendKey(symbol, code, false);
  rfb?.focus();
}

element("mode").hidden = mode !== "view";
for (const each of document.querySelectorAll(".control")) each.hidden = mode === "view";
menu("keys", COMBINATIONS, combine);
touchKeyboard(() => rfb);
element("scale").addEventListener("click", () => {
  fits = !fits;
  localStorage.setItem("vmlab scale", fits ? "fit" : "1:1");
  scale();
});
scale();
element("screen").addEventListener("pointerdown", () => {
  element("notice").hidden = true; // whoever uses it keeps it
});

const layout = element("layout");
for (const each of layouts) layout.add(new Option(text.layouts[each], each));
layout.value = localStorage.getItem("vmlab layout") ?? "us";
const recheck = pasteDialog({
  use: (typed, how) => type(rfb, typed, { layout: layout.value, ...how }),
  check(typed) {
    const missing = untypable(typed, layout.value);
    return missing.length ? text.untypable(missing.slice(0, 12).join(" ")) : "";
  },
  closed: () => rfb?.focus(),
});
layout.addEventListener("change", () => {
  localStorage.setItem("vmlab layout", layout.value);
  recheck();
});
element("clipboard").addEventListener("click", () => {
  rfb?.clipboardPasteFrom(element("paste-text").value);
  element("paste").close();
});

start({
  protocol: "vnc",
  grant: () => screenToken(vm, mode),
  connect,
  noticed,
  closed() {
    freeze();
    element("viewers").textContent = "";
    element("copy").hidden = true;
    if (element("paste").open) element("paste").close();
  },
});
