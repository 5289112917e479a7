// What the console pages have in common. Each is opened in one of two ways:
//   /console/<protocol>/#token=...&name=...   a one-time token buys one connection
//   /console/<protocol>/#vm=12                the page asks for a token, after signing in
// Both stand in the fragment, which browsers send to nobody. A connection that breaks is made again
// (renewal.js).
import { Refused } from "./api.js";
import { renewal, renewedToken } from "./renewal.js";
import { onceSignedIn } from "./sign-in.js";
import { language, text } from "./texts.js";

export const address = new URLSearchParams(location.hash.slice(1));
export const vm = Number(address.get("vm"));
export const element = (id) => document.getElementById(id);

const NOTICES = "vmlab.console"; // the subprotocol that brings notices beside the console
const LEAST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const STOPPED_WAIT_MS = 5_000;
const LONGEST_STOPPED_WAIT_MS = 60_000;
const BOOT_TRIES = 30; // until a shell's machine, which was there before, should have booted
const LASTING_MS = 10_000; // a connection that lasted was a good one
const FINAL = {
  1000: text.ended,
  1002: text.fault,
  1008: text.revoked,
  4401: text.loginRefused,
  4408: text.idle,
  4409: text.replaced,
  4410: text.tooLong,
  4495: text.hostKey,
};
const LOST = { 1001: text.serverGone, 1011: text.guestGone, 4503: text.unreachable };

export function show(state, message) {
  element("state").textContent = message;
  element("state").dataset.state = state;
  document.body.dataset.state = state;
}

function name(machine) {
  renewal.name = machine;
  element("name").textContent = machine;
  document.title = `${machine} · VMLab`;
}

function socket(protocol, token) {
  const url = new URL(`/api/v1/console/${protocol}/`, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("token", token);
  return new WebSocket(url.href, [NOTICES]);
}

// protocol: "vnc" or "ssh"
// grant(): asks for a token with the browser's session
// connect(socket): shows what comes over it
// closed(code): after each end
// noticed(notice): what the server says beside the console
// refused(error): may deal with a refusal of the grant and then says so
// size(): the terminal's, for a shell
export function start({ protocol, grant, connect, closed, noticed, refused, size = () => ({}) }) {
  let tries = 0;
  let timer = 0;
  let firstToken = vm ? null : (address.get("token") ?? "");

  // A token: the one in the address, or for the secret that came over the last connection, or with
  // the browser's session; null if there is no way.
  async function token() {
    const fromAddress = firstToken;
    firstToken = null;
    try {
      if (renewal.secret !== null) return await renewedToken(size());
    } catch (error) {
      if (!(vm && error.status === 401)) throw error;
      renewal.secret = null; // the browser's session may be worth more
    }
    if (!vm) return fromAddress;
    const granted = await grant();
    name(new URLSearchParams(new URL(granted.page_url).hash.slice(1)).get("name"));
    return granted.token;
  }

  const canComeBack = () => Boolean(vm) || renewal.secret !== null;

  async function open() {
    clearTimeout(timer);
    element("again").hidden = true;
    show("connecting", text.connecting);
    try {
      const opening = await token();
      if (opening === null) {
        end(text.refused);
        return;
      }
      element("sign-in").hidden = true;
      attach(socket(protocol, opening));
    } catch (error) {
      deal(error);
    }
  }

  function attach(connection) {
    let wasConnected = false;
    const begun = Date.now();
    connection.binaryType = "arraybuffer";
    connection.addEventListener("open", () => {
      wasConnected = true;
    });
    // Before anybody else listens: what is no notice goes on to them.
    connection.addEventListener("message", (event) => {
      if (typeof event.data !== "string") return;
      event.stopImmediatePropagation();
      hear(JSON.parse(event.data), connection);
    });
    connection.addEventListener("close", ({ code }) => {
      closed?.(code);
      if (wasConnected && Date.now() - begun > LASTING_MS) tries = 0;
      element("notice").hidden = true;
      const hopeless = code === 4503 && (tries === 0 || tries > BOOT_TRIES);
      if (code in FINAL || hopeless) {
        if (code === 1008 || code === 4409) renewal.secret = null;
        end(FINAL[code] ?? LOST[code]);
      } else if (canComeBack()) {
        wait(wasConnected ? (LOST[code] ?? text.lost) : text.noAnswer);
      } else {
        end(wasConnected ? (LOST[code] ?? text.lost) : text.refused);
      }
    });
    connect(connection);
  }

  function hear(notice, connection) {
    if (notice.type === "renewal") {
      renewal.secret = notice.secret;
      connection.send(JSON.stringify({ type: "kept" }));
    } else if (notice.type === "limit") {
      warn(notice, connection);
    } else {
      noticed?.(notice);
    }
  }

  function deal(error) {
    if (!(error instanceof Refused)) {
      console.warn(error);
      wait(text.lost); // no answer, or a proxy's own
    } else if (error.status === 401 || error.status === 403) {
      // 403: a session of another tab, whose CSRF token this one does not know.
      renewal.secret = null;
      end(vm ? text.signInFirst : text.revoked);
      element("sign-in").hidden = !vm;
      element("again").hidden = true;
      return;
    } else if (error.status === 409) {
      wait(text.stopped, STOPPED_WAIT_MS, LONGEST_STOPPED_WAIT_MS);
    } else if (error.status === 429 || error.status >= 500) {
      wait(error.message);
    } else {
      end(error.message);
      if (refused?.(error)) {
        show("ended", text.machineAsks);
        element("again").hidden = true;
      }
    }
    element("sign-in").hidden = true;
  }

  function wait(message, least = LEAST_WAIT_MS, longest = LONGEST_WAIT_MS) {
    const grown = Math.min(longest, LEAST_WAIT_MS * 1.6 ** tries++);
    // Not all pages of a class at the same moment.
    const pause = Math.max(least, grown) * (0.75 + Math.random() / 2);
    show("waiting", message);
    element("again").textContent = text.tryNow;
    element("again").hidden = false;
    timer = setTimeout(retry, pause);
  }

  // A page that nobody sees asks for nothing until somebody does.
  function retry() {
    if (element("state").dataset.state !== "waiting") return;
    if (document.hidden) document.addEventListener("visibilitychange", retry, { once: true });
    else open();
  }

  function end(message) {
    show("ended", message);
    element("again").textContent = text.again;
    element("again").hidden = !canComeBack();
  }

  function warn({ limit, seconds }, connection) {
    element("notice-text").textContent = text.closesIn(seconds, limit);
    element("stay").hidden = limit !== "idle";
    element("stay").onclick = () => {
      connection.send(JSON.stringify({ type: "here" }));
      element("notice").hidden = true;
    };
    element("notice").hidden = false;
  }

  element("again").addEventListener("click", open);
  addEventListener("online", retry);
  onceSignedIn(open);
  open();
  return open;
}

// A button that opens what `popovertarget` names, right below the header.
export function menu(id, entries, use) {
  for (const [label, value] of entries) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = label;
    button.addEventListener("click", () => {
      element(id).hidePopover();
      use(value);
    });
    element(id).append(button);
  }
  element(id).addEventListener("toggle", ({ newState }) => {
    element(id).style.top = `${document.querySelector("header").offsetHeight + 4}px`;
    if (newState === "open") element(id).querySelector("button").focus();
  });
}

// Another address in the same tab: another console.
addEventListener("hashchange", () => location.reload());

document.documentElement.lang = language;
element("monitor").href = `/monitor/vm/#vm=${vm}`;
element("monitor").hidden = !vm;
name(address.get("name") ?? renewal.name ?? (vm ? `VM ${vm}` : "VMLab"));
for (const each of document.querySelectorAll("[data-text]")) {
  each.textContent = text[each.dataset.text];
}
element("full-screen").hidden = !document.fullscreenEnabled;
element("full-screen").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else document.documentElement.requestFullscreen();
});
document.addEventListener("fullscreenchange", () => {
  const full = Boolean(document.fullscreenElement);
  element("full-screen").textContent = full ? text.leaveFullScreen : text.fullScreen;
});
