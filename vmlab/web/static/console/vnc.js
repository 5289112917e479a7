// The noVNC page; with mode=view in its address it watches only.
import RFB from "/static/novnc/core/rfb.js";
import { screenToken } from "./api.js";
import { address, element, ended, show, socketUrl, start, vm } from "./page.js";
import { text } from "./texts.js";

const mode = address.get("mode") === "view" ? "view" : "control";

function connect(token) {
  const url = socketUrl("vnc", token);
  const rfb = new RFB(element("screen"), url, { shared: true, wsProtocols: ["binary"] });
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
    element("ctrl-alt-del").hidden = true;
    ended(wasConnected ? text.ended : text.refused);
  });
}

element("mode").textContent = text.view;
start({ grant: () => screenToken(vm, mode), connect });
