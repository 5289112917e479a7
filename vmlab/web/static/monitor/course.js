// All machines of a course: what they use now, their states as they change, the way to each screen.
//   /monitor/course/#course=3     without a number: the courses to choose from
import { get } from "../console/api.js";
import { address, element, every, make, offer, start, title, tolerant } from "./pages.js";
import { machineRow } from "./row.js";
import { text } from "./texts.js";

const course = Number(address.get("course"));
const EVERY_S = 10; // as often as Proxmox has new figures
const COLUMNS = {
  machine: ({ vm }) => vm.name,
  owner: ({ owner }) => owner.username,
  state: ({ vm }) => vm.status,
  cpu: ({ cpu_percent }) => cpu_percent,
  memory: ({ memory_used_mb }) => memory_used_mb,
  disk: ({ disk_read_bps, disk_write_bps }) => disk_read_bps + disk_write_bps,
  network: ({ net_in_bps, net_out_bps }) => net_in_bps + net_out_bps,
};
const FIGURES = new Set(["cpu", "memory", "disk", "network"]);

const rows = new Map(); // by the machine's id
const inOrder = new Intl.Collator(undefined, { numeric: true });
let sorted = { by: "machine", descending: false };

function compare(a, b) {
  const [x, y] = [a, b].map(({ machine }) => COLUMNS[sorted.by](machine));
  const order = typeof (x ?? y) === "string" ? inOrder.compare(x, y) : (x ?? -1) - (y ?? -1);
  const tie = inOrder.compare(a.machine.vm.name, b.machine.vm.name);
  return (sorted.descending ? -order : order) || tie;
}

function arrange() {
  const wanted = element("find").value.trim().toLowerCase();
  const ordered = [...rows.values()].sort(compare);
  for (const { element: line, machine } of ordered) {
    line.hidden = !`${machine.vm.name} ${machine.owner.username}`.toLowerCase().includes(wanted);
  }
  const table = element("machines");
  // No row moves away from under somebody's finger.
  const held = table.matches(":hover, :focus-within") && table.children.length === ordered.length;
  if (!held) table.append(...ordered.map((row) => row.element));
  for (const head of element("columns").children) {
    const here = head.dataset.column === sorted.by;
    head.ariaSort = here ? (sorted.descending ? "descending" : "ascending") : "none";
  }
  const running = ordered.filter(({ machine }) => machine.vm.status === "running").length;
  element("count").textContent = `${ordered.length} ${text.machineCount} · ${running} ${text.status.running}`;
  element("none").hidden = ordered.length > 0;
}

async function fetchFigures() {
  const { machines } = await get(`courses/${course}/metrics/`);
  const there = new Set(machines.map(({ vm }) => vm.id));
  for (const id of rows.keys()) {
    if (!there.has(id)) drop(id);
  }
  for (const machine of machines) {
    if (!rows.has(machine.vm.id)) rows.set(machine.vm.id, machineRow());
    rows.get(machine.vm.id).measured(machine);
  }
  arrange();
}

const loadFigures = tolerant(fetchFigures);

function drop(id) {
  rows.get(id)?.element.remove();
  rows.delete(id);
}

function changed(type, object) {
  if (type === "vm" && object.course?.id === course) {
    if (rows.has(object.id)) rows.get(object.id).changed(object);
    else loadFigures();
  } else if (type === "vm" || (type === "gone" && object.type === "vm")) {
    drop(object.id);
  } else if (type === "task" && object.target.type === "vm") {
    rows.get(object.target.id)?.works(object);
    return;
  }
  arrange();
}

function sortBy(column) {
  const again = sorted.by === column;
  // Who sorts by a figure looks for the highest one.
  sorted = { by: column, descending: again ? !sorted.descending : FIGURES.has(column) };
  arrange();
}

async function load() {
  if (!course) {
    await chooseCourse();
    return;
  }
  title((await get(`courses/${course}/`)).name);
  element("class").hidden = false;
  await fetchFigures(); // who may not see them is told so at once
}

async function chooseCourse() {
  title(text.courses);
  const { results } = await get("courses/", { page_size: 100, ordering: "name" });
  offer(results.map(({ id, name }) => [`/monitor/course/#course=${id}`, name]));
}

for (const column of [...Object.keys(COLUMNS), "screen"]) {
  const head = make("th", { scope: "col" });
  head.dataset.column = column;
  if (column in COLUMNS) {
    const button = make("button", { type: "button", textContent: text[column] });
    button.addEventListener("click", () => sortBy(column));
    head.append(button);
  } else {
    head.append(text[column]);
  }
  element("columns").append(head);
}
element("find").placeholder = text.find;
element("find").ariaLabel = text.find;
element("find").addEventListener("input", arrange);
if (course) every(EVERY_S, () => element("page").hidden || loadFigures());
start({ load, changed });
