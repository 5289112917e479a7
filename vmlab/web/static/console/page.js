// What the console pages have in common. Each is opened in one of two ways:
//   /console/<protocol>/#token=...&name=...   a one-time token buys one connection
//   /console/<protocol>/#vm=12                the page asks for a token, after signing in
// Both stand in the fragment, which browsers send to nobody.
import { Refused } from "./api.js";
import { onceSignedIn } from "./sign-in.js";
import { language, text } from "./texts.js";

export const address = new URLSearchParams(location.hash.slice(1));
export const vm = Number(address.get("vm"));
export const element = (id) => document.getElementById(id);

export function show(state, message) {
  element("state").textContent = message;
  element("state").dataset.state = state;
}

export function ended(message) {
  show("ended", message);
  element("again").hidden = !vm;
}

export function socketUrl(protocol, token) {
  const url = new URL(`/api/v1/console/${protocol}/`, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("token", token);
  return url.href;
}

function name(machine) {
  element("name").textContent = machine;
  document.title = `${machine} · VMLab`;
}

// grant() asks for a token, connect(token) uses it; refused(error) may deal with a refusal of the
// grant and then says so.
export function start({ grant, connect, refused = () => false }) {
  async function open() {
    element("again").hidden = true;
    show("connecting", text.connecting);
    if (!vm) {
      connect(address.get("token") ?? "");
      return;
    }
    try {
      const granted = await grant();
      element("sign-in").hidden = true;
      name(new URLSearchParams(new URL(granted.page_url).hash.slice(1)).get("name"));
      connect(granted.token);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // 403: a session of another tab, whose CSRF token this one does not know.
      const signedOut = error.status === 401 || error.status === 403;
      show("ended", signedOut ? text.signInFirst : error.message);
      element("sign-in").hidden = !signedOut;
      element("again").hidden = signedOut || refused(error);
    }
  }

  element("again").addEventListener("click", open);
  onceSignedIn(open);
  open();
  return open;
}

document.documentElement.lang = language;
element("monitor").textContent = text.monitor;
element("monitor").href = `/monitor/vm/#vm=${vm}`;
element("monitor").hidden = !vm;
name(address.get("name") ?? (vm ? `VM ${vm}` : "VMLab"));
element("again").textContent = text.again;
element("full-screen").textContent = text.fullScreen;
element("full-screen").addEventListener("click", () => element("screen").requestFullscreen());

