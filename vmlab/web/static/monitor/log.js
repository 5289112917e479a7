// A machine's log, newest first; older entries on request.
import { get } from "../console/api.js";
import { moment } from "./figures.js";
import { element, make, tolerant } from "./pages.js";
import { text } from "./texts.js";

const PAGE_SIZE = 20;
const SETTLES_MS = 500; // a task that moves fast is several events

// UPID:node:pid:pstart:starttime:type:id:user:
const pveType = (upid) => upid?.split(":")[5] ?? "";

function entry({ timestamp, source, level, message, upid }) {
  const origin = source === "proxmox" ? `${text.proxmox} ${pveType(upid)}` : text[source];
  const line = make(
    "li",
    {},
    make("time", { dateTime: timestamp, textContent: moment(Date.parse(timestamp) / 1000) }),
    make("span", { className: "source", textContent: origin }),
    make("span", { className: "message", textContent: message }),
  );
  line.dataset.level = level;
  return line;
}

export function machineLog(vm) {
  let page = 1;
  let waiting = null;

  const load = tolerant(async (wanted = 1) => {
    const source = new FormData(element("sources")).get("source");
    const query = { page: wanted, page_size: PAGE_SIZE, ...(source && { source }) };
    const { results, pagination } = await get(`vms/${vm}/logs/`, query);
    page = wanted;
    if (page === 1) element("entries").replaceChildren();
    element("entries").append(...results.map(entry));
    if (!pagination.total) element("entries").append(make("li", { textContent: text.nothing }));
    element("older").hidden = page * PAGE_SIZE >= pagination.total;
  });

  element("sources").addEventListener("change", () => load());
  element("older").addEventListener("click", () => load(page + 1));
  return {
    load: () => load(),
    // Who reads older entries is not thrown back to the newest.
    refresh() {
      clearTimeout(waiting);
      waiting = setTimeout(() => page === 1 && load(), SETTLES_MS);
    },
  };
}
