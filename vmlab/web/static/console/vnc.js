// The noVNC page, opened in one of two ways:
//   /console/vnc/#token=...&name=...&mode=...   a one-time token buys one connection
//   /console/vnc/#vm=12&mode=...                the page asks for a token, after signing in
// Both stand in the fragment, which browsers send to nobody.
import RFB from "/static/novnc/core/rfb.js";
import { Refused, screenToken, signIn } from "./api.js";
import { language, text } from "./texts.js";

const address = new URLSearchParams(location.hash.slice(1));
const vm = Number(address.get("vm"));
const mode = address.get("mode") === "view" ? "view" : "control";
const element = (id) => document.getElementById(id);

function show(state, message) {
  element("state").textContent = message;
  element("state").dataset.state = state;
}

function connect(token) {
  const url = new URL("/api/v1/console/vnc/", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.searchParams.set("token", token);

  const rfb = new RFB(element("screen"), url.href, { shared: true, wsProtocols: ["binary"] });
  rfb.scaleViewport = true;
  rfb.viewOnly = mode === "view"; // for looks only: the server drops what a watcher types
  rfb.background = "#14171c";

  let wasConnected = false;
  rfb.addEventListener("connect", () => {
    wasConnected = true;
    show("connected", text.connected);
    element("mode").hidden = mode !== "view";
    element("ctrl-alt-del").hidden = mode === "view";
    element("ctrl-alt-del").onclick = () => {
      rfb.sendCtrlAltDel();
      rfb.focus();
    };
    rfb.focus();
  });
  rfb.addEventListener("disconnect", () => {
    show("ended", wasConnected ? text.ended : text.refused);
    element("ctrl-alt-del").hidden = true;
    element("again").hidden = !vm;
  });
}

async function open() {
  element("again").hidden = true;
  show("connecting", text.connecting);
  if (!vm) {
    connect(address.get("token") ?? "");
    return;
  }
  try {
    const grant = await screenToken(vm, mode);
    element("sign-in").hidden = true;
    name(new URLSearchParams(new URL(grant.page_url).hash.slice(1)).get("name"));
    connect(grant.token);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // 403: a session of another tab, whose CSRF token this one does not know.
    const signedOut = error.status === 401 || error.status === 403;
    show("ended", signedOut ? text.signInFirst : error.message);
    element("sign-in").hidden = !signedOut;
    element("again").hidden = signedOut;
  }
}

function name(machine) {
  element("name").textContent = machine;
  document.title = `${machine} · VMLab`;
}

document.documentElement.lang = language;
name(address.get("name") ?? (vm ? `VM ${vm}` : "VMLab"));
element("mode").textContent = text.view;
element("again").textContent = text.again;
element("again").addEventListener("click", open);
element("full-screen").textContent = text.fullScreen;
element("full-screen").addEventListener("click", () => element("screen").requestFullscreen());
element("username-label").textContent = text.username;
element("password-label").textContent = text.password;
element("sign-in-button").textContent = text.signIn;
element("sign-in").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  try {
    await signIn(form.get("username"), form.get("password"));
    element("refusal").textContent = "";
    await open();
  } catch (error) {
    element("refusal").textContent = error.message;
  }
});
open();
