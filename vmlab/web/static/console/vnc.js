// The noVNC page. It is opened as /console/vnc/#token=...&name=...&mode=...: the one-time token
// stands in the fragment, which browsers send to nobody, and buys one connection.
import RFB from "/static/novnc/core/rfb.js";

const TEXTS = {
  en: {
    connecting: "Connecting…",
    connected: "Connected",
    ended: "The session has ended. Ask for a new console to go on.",
    refused: "This address has been used already or is too old. Ask for a new console.",
    view: "Watching only",
    "full-screen": "Full screen",
  },
  zh: {
    connecting: "正在连接…",
    connected: "已连接",
    ended: "会话已结束。如需继续，请重新申请控制台。",
    refused: "此地址已使用过或已过期。请重新申请控制台。",
    view: "仅观看",
    "full-screen": "全屏",
  },
};
const language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
const text = TEXTS[language];
document.documentElement.lang = language;

const grant = new URLSearchParams(location.hash.slice(1));
const element = (id) => document.getElementById(id);
const screen = element("screen");

function show(state, message) {
  element("state").textContent = message;
  element("state").dataset.state = state;
}

element("name").textContent = grant.get("name") ?? "VMLab";
document.title = `${grant.get("name") ?? ""} · VMLab`;
element("full-screen").textContent = text["full-screen"];
element("full-screen").addEventListener("click", () => screen.requestFullscreen());
show("connecting", text.connecting);

const address = new URL("/api/v1/console/vnc/", location.href);
address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
address.searchParams.set("token", grant.get("token") ?? "");

const viewOnly = grant.get("mode") === "view";
const rfb = new RFB(screen, address.href, { shared: true, wsProtocols: ["binary"] });
rfb.scaleViewport = true;
rfb.viewOnly = viewOnly; // for the pointer's look only: the server drops what is typed here
rfb.background = "#14171c";

let wasConnected = false;
rfb.addEventListener("connect", () => {
  wasConnected = true;
  show("connected", text.connected);
  element("mode").hidden = !viewOnly;
  element("mode").textContent = text.view;
  element("ctrl-alt-del").hidden = viewOnly;
  rfb.focus();
});
rfb.addEventListener("disconnect", () => {
  show("ended", wasConnected ? text.ended : text.refused);
  element("ctrl-alt-del").hidden = true;
});
element("ctrl-alt-del").addEventListener("click", () => {
  rfb.sendCtrlAltDel();
  rfb.focus();
});
