// One machine in the table of a class.
import { memory, percent, rate } from "./figures.js";
import { chip, doing, make } from "./pages.js";
import { text } from "./texts.js";

const LATEST = 60; // measurements in the small plot: ten minutes
const COLOR = "#6ea8fe";

export function machineRow() {
  const name = make("a");
  const owner = make("span");
  const state = make("span", { className: "chip" });
  const task = make("span", { className: "faint" });
  const cpu = make("span", { className: "figure" });
  const recently = make("canvas", { width: 120, height: 24, title: text.recently });
  const used = make("span", { className: "figure" });
  const bar = make("span", { className: "bar", ariaHidden: "true" }, make("span"));
  const disk = make("span", { className: "figure" });
  const network = make("span", { className: "figure" });
  const watch = make("a", { textContent: text.watch });
  const loads = [];
  const cell = (column, ...content) => {
    const made = make("td", {}, ...content);
    made.dataset.column = column;
    made.dataset.title = text[column];
    return made;
  };
  const element = make(
    "tr",
    {},
    cell("machine", name),
    cell("owner", owner),
    cell("state", state, " ", task),
    cell("cpu", recently, cpu),
    cell("memory", bar, used),
    cell("disk", disk),
    cell("network", network),
    cell("screen", watch),
  );
  const row = { element, machine: null, measured, changed, works };

  function measured(machine) {
    row.machine = machine;
    showIdentity(machine.vm);
    showFigures(runs(machine.vm) ? machine : {});
    owner.textContent = machine.owner.username;
    loads.push(machine.cpu_percent);
    if (loads.length > LATEST) loads.shift();
    draw(recently, loads);
  }

  function showFigures(machine) {
    cpu.textContent = percent(machine.cpu_percent);
    used.textContent = memory(machine.memory_used_mb);
    used.title = `${memory(machine.memory_used_mb)} ${text.of} ${memory(machine.memory_total_mb)}`;
    const share = (machine.memory_used_mb ?? 0) / (machine.memory_total_mb || 1);
    bar.firstChild.style.width = `${Math.min(100, 100 * share)}%`;
    disk.textContent = pair(machine.disk_read_bps, machine.disk_write_bps);
    disk.title = `${text.read} / ${text.written}`;
    network.textContent = pair(machine.net_in_bps, machine.net_out_bps);
    network.title = `${text.received} / ${text.sent}`;
  }

  function changed(vm) {
    row.machine.vm = { ...row.machine.vm, name: vm.name, status: vm.status };
    showIdentity(vm);
    if (!runs(vm)) showFigures({}); // what it used is not what it uses
    task.textContent = doing(vm.task);
  }

  function works(about) {
    task.textContent = doing(about);
  }

  function showIdentity(vm) {
    name.textContent = vm.name;
    name.href = `/monitor/vm/#vm=${vm.id}`;
    chip(state, vm.status);
    watch.href = `/console/vnc/#vm=${vm.id}&mode=view`;
    watch.ariaLabel = `${text.watch}: ${vm.name}`;
    watch.hidden = !runs(vm);
  }

  return row;
}

const runs = ({ status }) => status === "running" || status === "paused";
const pair = (one, other) => (one == null && other == null ? rate(null) : `${rate(one)} / ${rate(other)}`);

// The newest at the right; what was not measured is a gap.
function draw(canvas, loads) {
  const { width, height } = canvas;
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, width, height);
  pen.fillStyle = COLOR;
  const step = width / LATEST;
  loads.forEach((load, n) => {
    if (load == null) return;
    const tall = Math.max(1, (Math.min(100, load) / 100) * height);
    pen.fillRect(width - (loads.length - n) * step, height - tall, Math.max(1, step - 0.5), tall);
  });
}
