// One machine: what it uses now and has used, its state as it changes, and its log.
//   /monitor/vm/#vm=12     without a number: the machines to choose from
import { get } from "../console/api.js";
import { duration, memory, percent, rate, share } from "./figures.js";
import { machineLog } from "./log.js";
import { address, chip, doing, element, every, make, offer, show, start, title, tolerant } from "./pages.js";
import { plot } from "./plot.js";
import { text } from "./texts.js";

const vm = Number(address.get("vm"));
const NOW_EVERY_S = 15; // what is current is measured every ten seconds
const SETTLES_MS = 500;
const DAY_S = 86400;
const WINDOWS = {
  hour: { length: 3600, refresh: 30 },
  day: { length: DAY_S, refresh: 60 },
  week: { length: 7 * DAY_S, refresh: 300 },
  month: { length: 30 * DAY_S, refresh: 300 },
  year: { length: 365 * DAY_S, refresh: 300 },
};
const MOST_POINTS = 400;
const BLUE = "#6ea8fe";
const ORANGE = "#f2a65a";
const FAINT = "#97a1b0";
const POWERS_OF_TWO = Array.from({ length: 26 }, (_, n) => 2 ** n);

const headroom = (least) => (highest) => Math.max(least, highest * 1.1);
const PLOTS = [
  {
    place: "plot-cpu",
    title: text.cpu,
    columns: ["cpu_percent"],
    series: [{ label: text.cpu, color: BLUE }],
    show: percent,
    tick: share,
    top: (highest) => Math.min(100, Math.max(5, highest * 1.2)),
  },
  {
    place: "plot-memory",
    title: text.memory,
    columns: ["memory_used_mb", "memory_total_mb"],
    series: [{ label: text.used, color: BLUE }, { label: text.memoryTotal, color: FAINT, dash: [4, 4] }],
    show: memory,
    top: headroom(64),
    increments: POWERS_OF_TWO,
  },
  {
    place: "plot-disk",
    title: text.disk,
    columns: ["disk_read_bps", "disk_write_bps"],
    series: [{ label: text.read, color: BLUE }, { label: text.written, color: ORANGE }],
    show: rate,
    top: headroom(1000),
  },
  {
    place: "plot-network",
    title: text.network,
    columns: ["net_in_bps", "net_out_bps"],
    series: [{ label: text.received, color: BLUE }, { label: text.sent, color: ORANGE }],
    show: rate,
    top: headroom(1000),
  },
].map((about) => ({ ...about, drawn: plot(element(about.place), about.title, about) }));

const log = machineLog(vm);
let filledAt = 0;
let status = "";

function showMachine(machine) {
  title(machine.name);
  chip(element("status"), machine.status);
  element("task").textContent = doing(machine.task);
  if (machine.course) {
    element("course").hidden = false;
    element("course").textContent = machine.course.name;
    element("course").href = `/monitor/course/#course=${machine.course.id}`;
  }
  if (status && status !== machine.status) loadNow();
  status = machine.status;
}

const loadNow = tolerant(async () => {
  const { current } = await get(`vms/${vm}/metrics/`);
  const seen = current ?? {};
  const total = seen.memory_total_mb == null ? "" : ` ${text.of} ${memory(seen.memory_total_mb)}`;
  const tiles = [
    [text.cpu, percent(seen.cpu_percent)],
    [text.memory, memory(seen.memory_used_mb) + total],
    [text.disk, `${rate(seen.disk_read_bps)} ${text.read}, ${rate(seen.disk_write_bps)} ${text.written}`],
    [text.network, `${rate(seen.net_in_bps)} ${text.received}, ${rate(seen.net_out_bps)} ${text.sent}`],
  ];
  element("now").replaceChildren(
    ...tiles.map(([what, value]) =>
      make("div", {}, make("dt", { textContent: what }), make("dd", { textContent: value })),
    ),
  );
});

const loadPlots = tolerant(async () => {
  const choice = new FormData(element("choice"));
  const to = Math.floor(Date.now() / 1000);
  const from = to - WINDOWS[choice.get("window")].length;
  filledAt = to;
  const { interval_s, points } = await get(`vms/${vm}/metrics/history/`, {
    start_time: new Date(from * 1000).toISOString(),
    end_time: new Date(to * 1000).toISOString(),
    aggregate: choice.get("aggregate"),
    max_points: MOST_POINTS,
  });
  if (filledAt !== to) return; // something else was asked for meanwhile
  const times = points.map(({ timestamp }) => Date.parse(timestamp) / 1000);
  for (const { columns, drawn } of PLOTS) {
    const values = columns.map((name) => points.map((point) => point[name]));
    drawn.fill([times, ...values], from, to);
  }
  element("interval").textContent = `${text.every} ${duration(interval_s)}`;
});

function refreshPlots() {
  const { refresh } = WINDOWS[new FormData(element("choice")).get("window")];
  if (Date.now() / 1000 - filledAt >= refresh) loadPlots();
}

async function load() {
  if (!vm) {
    title(text.machines);
    const { results } = await get("vms/", { page_size: 100, ordering: "name" });
    offer(results.map(({ id, name, status }) => [`/monitor/vm/#vm=${id}`, name, status]));
    return;
  }
  element("machine").hidden = false;
  showMachine(await get(`vms/${vm}/`));
  await Promise.all([loadNow(), loadPlots(), log.load()]);
}

// Many machines may change at a time.
let waiting = null;
function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(tolerant(load), SETTLES_MS);
}

function changed(type, object) {
  if (!vm) {
    if (type !== "task") soon();
  } else if (type === "vm" && object.id === vm) {
    showMachine(object);
    log.refresh();
  } else if (type === "task" && object.target.type === "vm" && object.target.id === vm) {
    element("task").textContent = doing(object);
    log.refresh();
  } else if (type === "gone" && object.type === "vm" && object.id === vm) {
    show("ended", text.gone);
    chip(element("status"), "missing");
    element("task").textContent = "";
  }
}

title(vm ? `VM ${vm}` : "VMLab");
for (const id of ["screen", "shell"]) element(id).hidden = !vm;
element("screen").href = `/console/vnc/#vm=${vm}`;
element("shell").href = `/console/ssh/#vm=${vm}`;
element("choice").addEventListener("change", loadPlots);
every(NOW_EVERY_S, () => {
  if (!vm || element("page").hidden) return;
  loadNow();
  refreshPlots();
});
start({ load, changed });
