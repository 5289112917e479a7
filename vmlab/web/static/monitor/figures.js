// Figures as people read them; "–" where nothing was measured.
import { language } from "./texts.js";

const LOCALE = language === "zh" ? "zh-CN" : "en-GB";
const ABSENT = "–";

function short(value) {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString(LOCALE, { maximumFractionDigits: digits });
}

function scaled(value, units, factor) {
  let place = 0;
  let rest = value;
  while (rest >= factor && place < units.length - 1) {
    rest /= factor;
    place += 1;
  }
  return `${short(rest)} ${units[place]}`;
}

const orAbsent = (how) => (value) => (value == null ? ABSENT : how(value));

const TENTHS = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
export const percent = orAbsent((value) => `${value.toLocaleString(LOCALE, TENTHS)} %`);
export const share = (value) => `${short(value)} %`; // on an axis
export const memory = orAbsent((mib) => scaled(mib, ["MiB", "GiB", "TiB"], 1024));
export const rate = orAbsent((bps) => scaled(bps, ["B/s", "kB/s", "MB/s", "GB/s"], 1000));

const formatted = (options) => {
  const format = new Intl.DateTimeFormat(LOCALE, { hourCycle: "h23", ...options });
  return (seconds) => format.format(new Date(seconds * 1000));
};

export const moment = orAbsent(formatted({ dateStyle: "medium", timeStyle: "medium" }));
const clock = formatted({ hour: "2-digit", minute: "2-digit" });
const day = formatted({ day: "numeric", month: "short" });
const month = formatted({ month: "short", year: "numeric" });

// The ticks of an axis `step` seconds apart; the day is named where it begins.
export function ticks(times, step) {
  if (step >= 28 * 86400) return times.map(month);
  if (step >= 86400) return times.map(day);
  return times.map((time) => {
    const at = new Date(time * 1000);
    return at.getHours() || at.getMinutes() ? clock(time) : day(time);
  });
}

export function duration(seconds) {
  const [amount, unit] =
    seconds % 86400 === 0 ? [seconds / 86400, "day"]
    : seconds % 3600 === 0 ? [seconds / 3600, "hour"]
    : seconds % 60 === 0 ? [seconds / 60, "minute"]
    : [seconds, "second"];
  return amount.toLocaleString(LOCALE, { style: "unit", unit, unitDisplay: "long" });
}
