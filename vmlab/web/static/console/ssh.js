// The xterm.js page.
import { FitAddon } from "/static/xterm-addon-fit/lib/addon-fit.mjs";
import { Terminal } from "/static/xterm/lib/xterm.mjs";
import { shellToken } from "./api.js";
import { element, menu, show, start, vm } from "./page.js";
import { pasteDialog } from "./paste.js";
import { text } from "./texts.js";

const PIECE = 32 * 1024; // bytes in one message; the server takes up to twice as many
const LEAST_PX = 9;
const LARGEST_PX = 30;
const KEYS = [
  ["Esc", "\x1b"],
  ["Tab", "\t"],
  ["Ctrl-C", "\x03"],
  ["Ctrl-D", "\x04"],
  ["Ctrl-Z", "\x1a"],
  ["↑", "\x1b[A"],
  ["↓", "\x1b[B"],
  ["←", "\x1b[D"],
  ["→", "\x1b[C"],
];
const encoder = new TextEncoder();

// xterm.js styles its rows by style elements of its own, which the page's policy lets pass only
// with the nonce.
const { nonce } = document.querySelector("meta[property=csp-nonce]");
const createElement = document.createElement.bind(document);
document.createElement = (tag, options) => {
  const made = createElement(tag, options);
  if (tag === "style") made.nonce = nonce;
  return made;
};

const terminal = new Terminal({
  cursorBlink: true,
  fontFamily: "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace",
  fontSize: Number(localStorage.getItem("vmlab font size")) || 15,
  scrollback: 10000,
  theme: { background: "#14171c", foreground: "#dfe3ea" },
});
const fit = new FitAddon();
let socket = null;
let credentials = {};

function send(bytes) {
  if (socket?.readyState !== WebSocket.OPEN) return;
  for (let at = 0; at < bytes.length; at += PIECE) socket.send(bytes.subarray(at, at + PIECE));
}

function tellSize() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const { cols, rows } = terminal;
  socket.send(JSON.stringify({ type: "resize", cols, rows }));
}

function connect(opening) {
  terminal.reset();
  socket = opening;
  socket.addEventListener("open", () => {
    show("connected", text.connected);
    tellSize();
    terminal.focus();
  });
  socket.addEventListener("message", ({ data }) => terminal.write(new Uint8Array(data)));
}

function askCredentials() {
  if (!vm) return false;
  element("credentials").hidden = false;
  return true;
}

element("guest-hint").textContent = text.guestHint;
element("guest-username-label").textContent = text.guestUsername;
element("guest-password-label").textContent = text.guestPassword;
element("guest-key-label").textContent = text.guestKey;
element("credentials-button").textContent = text.connect;
terminal.loadAddon(fit);
terminal.open(element("screen"));
fit.fit();
terminal.onData((typed) => send(encoder.encode(typed)));
terminal.onBinary((bytes) => send(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
terminal.onResize(tellSize);
new ResizeObserver(() => fit.fit()).observe(element("screen"));

function resizeText(by) {
  const wanted = terminal.options.fontSize + by;
  terminal.options.fontSize = Math.min(LARGEST_PX, Math.max(LEAST_PX, wanted));
  localStorage.setItem("vmlab font size", terminal.options.fontSize);
  fit.fit();
  terminal.focus();
}

for (const [id, by] of [["smaller", -1], ["larger", 1]]) {
  element(id).title = text[id];
  element(id).setAttribute("aria-label", text[id]);
  element(id).addEventListener("click", () => resizeText(by));
}
menu("keys", KEYS, (typed) => {
  terminal.input(typed);
  terminal.focus();
});
pasteDialog({ use: async (pasted) => terminal.paste(pasted), closed: () => terminal.focus() });

const size = () => ({ cols: terminal.cols, rows: terminal.rows });
const open = start({
  protocol: "ssh",
  grant: () => shellToken(vm, { ...credentials, ...size() }),
  connect,
  size,
  closed: (code) => code === 4401 && askCredentials(),
  refused: ({ details }) => (details.password || details.username) && askCredentials(),
});
element("credentials").addEventListener("submit", (event) => {
  event.preventDefault();
  const given = [...new FormData(event.target)].filter(([, value]) => value);
  credentials = Object.fromEntries(given);
  element("credentials").hidden = true;
  event.target.reset();
  open();
});
