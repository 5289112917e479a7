// One plot over time: gaps stay gaps, and a cursor, moved by pointer or arrow keys, shows the values.
import { moment, ticks } from "./figures.js";
import { text } from "./texts.js";

const FAINT = "#97a1b0";
const LINES = "#2d343f";
const HEIGHT = 190;
const TOGETHER = { key: "vmlab" };

// A value between two gaps has no line to be seen by, so it gets a point.
function alone(values) {
  const places = [...values.keys()];
  return places.filter((n) => values[n] != null && values[n - 1] == null && values[n + 1] == null);
}

// series: [{ label, color, dash? }]; show: how a value is written, tick: on the axis; top(highest): where the axis ends.
export function plot(place, title, { series, show, tick = show, top, increments }) {
  const u = new uPlot(
    {
      width: 300,
      height: HEIGHT,
      cursor: { sync: TOGETHER, drag: { x: false, y: false } },
      legend: { markers: { fill: (_, n) => series[n - 1].color } },
      scales: { y: { range: (_, __, highest) => [0, top(highest ?? 0)] } },
      axes: [
        {
          stroke: FAINT,
          grid: { stroke: LINES, width: 1 },
          ticks: { stroke: LINES, width: 1 },
          space: 70,
          values: (_, times, __, ___, step) => ticks(times, step),
        },
        {
          stroke: FAINT,
          grid: { stroke: LINES, width: 1 },
          ticks: { show: false },
          size: 76,
          space: 36,
          ...(increments && { incrs: increments }),
          values: (_, values) => values.map(tick),
        },
      ],
      series: [
        { label: text.time, value: (_, time) => moment(time) },
        ...series.map(({ label, color, dash }) => ({
          label,
          stroke: color,
          width: 1.5,
          ...(dash ? { dash } : { fill: `${color}22` }),
          points: { size: 4, filter: (u, n, all) => (all ? null : alone(u.data[n])) },
          value: (_, value) => show(value),
        })),
      ],
    },
    [[], ...series.map(() => [])],
    place,
  );
  new ResizeObserver(() => u.setSize({ width: place.clientWidth, height: HEIGHT })).observe(place);
  const picture = u.root.querySelector(".u-wrap");
  picture.tabIndex = 0;
  picture.setAttribute("role", "img");
  picture.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step || !u.data[0].length) return;
    event.preventDefault();
    const last = u.data[0].length - 1;
    const at = Math.min(last, Math.max(0, (u.cursor.idx ?? (step < 0 ? last + 1 : -1)) + step));
    const middle = u.bbox.height / devicePixelRatio / 2;
    u.setCursor({ left: u.valToPos(u.data[0][at], "x"), top: middle }, true, true);
  });

  return {
    // columns: the times, and the values of each series; from and to: what the axis reaches over.
    fill(columns, from, to) {
      u.batch(() => {
        u.setData(columns, false);
        u.setScale("x", { min: from, max: to });
      });
      const latest = columns.slice(1).map((values) => values.findLast((value) => value != null));
      const said = series.map(({ label }, n) => `${label} ${show(latest[n])}`);
      picture.setAttribute("aria-label", `${title}: ${said.join(", ")}. ${text.plotHelp}`);
      place.dataset.empty = latest.every((value) => value == null) ? text.noData : "";
    },
  };
}
