// Types a text on a machine's keyboard, one key after the other: the way in that needs nothing of the
// machine. Characters become keys by a layout, which has to be the one that the machine has set.
import keysyms from "/static/novnc/core/input/keysymdef.js";

const PAUSE_MS = 25; // between two characters; a guest's keyboard holds some sixteen codes
const NAMED = { "\n": ["Enter", 0xff0d], "\t": ["Tab", 0xff09], "\b": ["Backspace", 0xff08] };
const SHIFT = ["ShiftLeft", 0xffe1];
const ALT_GR = ["AltRight", 0xfe03];
const NONE = "\0"; // where a layout has no character, or a dead one

// Keys in the order of the layouts below, row by row.
const CODES = [
  "Backquote",
  ...Array.from("1234567890", (digit) => `Digit${digit}`),
  "Minus",
  "Equal",
  ...Array.from("QWERTYUIOP", (letter) => `Key${letter}`),
  "BracketLeft",
  "BracketRight",
  "Backslash",
  ...Array.from("ASDFGHJKL", (letter) => `Key${letter}`),
  "Semicolon",
  "Quote",
  ...Array.from("ZXCVBNM", (letter) => `Key${letter}`),
  "Comma",
  "Period",
  "Slash",
  "IntlBackslash",
];

// What each key gives by itself and with Shift; what others give with AltGr; and by dead keys, which
// a space follows.
const LAYOUTS = {
  us: {
    plain: "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./",
    shift: '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?',
  },
  gb: {
    plain: "`1234567890-=qwertyuiop[]#asdfghjkl;'zxcvbnm,./\\",
    shift: '¬!"£$%^&*()_+QWERTYUIOP{}~ASDFGHJKL:@ZXCVBNM<>?|',
    altGr: { "€": "Digit4" },
  },
  de: {
    plain: `${NONE}1234567890ß${NONE}qwertzuiopü+#asdfghjklöäyxcvbnm,.-<`,
    shift: `°!"§$%&/()=?${NONE}QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_>`,
    altGr: {
      "{": "Digit7",
      "[": "Digit8",
      "]": "Digit9",
      "}": "Digit0",
      "\\": "Minus",
      "@": "KeyQ",
      "€": "KeyE",
      "~": "BracketRight",
      "|": "IntlBackslash",
    },
    dead: { "^": ["Backquote"], "´": ["Equal"], "`": ["Equal", SHIFT] },
  },
};

export const layouts = Object.keys(LAYOUTS);

function keysOf(character, layout) {
  const { plain, shift, altGr = {}, dead = {} } = LAYOUTS[layout];
  if (character in NAMED) return [[NAMED[character]]];
  const symbol = keysyms.lookup(character.codePointAt(0));
  if (character === " ") return [[["Space", symbol]]];
  if (character in altGr) return [[[altGr[character], symbol], ALT_GR]];
  if (character in dead) {
    const [code, held] = dead[character];
    return [[[code, symbol], held], [["Space", 0x20]]];
  }
  if (plain.includes(character)) return [[[CODES[plain.indexOf(character)], symbol]]];
  if (shift.includes(character)) return [[[CODES[shift.indexOf(character)], symbol], SHIFT]];
  return null;
}

function press(rfb, [code, symbol], held) {
  if (held) rfb.sendKey(held[1], held[0], true);
  rfb.sendKey(symbol, code);
  if (held) rfb.sendKey(held[1], held[0], false);
}

const lines = (text) => text.replaceAll(/\r\n?/g, "\n");

// The characters of a text that the layout has no key for, each once.
export function untypable(text, layout) {
  return [...new Set(lines(text))].filter((character) => keysOf(character, layout) === null);
}

// Types what can be typed. told(done, all) is called after each character; a signal ends it.
export async function type(rfb, text, { layout = "us", told = () => {}, signal } = {}) {
  const characters = Array.from(lines(text));
  for (const [done, character] of characters.entries()) {
    if (signal?.aborted) return;
    for (const [key, held] of keysOf(character, layout) ?? []) press(rfb, key, held);
    told(done + 1, characters.length);
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
  }
}
