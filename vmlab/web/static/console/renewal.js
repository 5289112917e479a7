// The secret that opens a console again after a break, without signing in again. It comes over the
// console itself, is never in an address, and each connection brings another one.
import { renewConsole } from "./api.js";

const KEY = "vmlab console";

export const renewal = { secret: null, name: null };

// A token for the secret; null if there is none.
export async function renewedToken(size) {
  if (renewal.secret === null) return null;
  return (await renewConsole({ secret: renewal.secret, ...size })).token;
}

// A page that is loaded anew goes on where it was. In between the secret lies in the tab's own
// store, and only in between: a tab that is duplicated does not get it.
const [hash, secret, name] = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
if (secret && hash === location.hash) Object.assign(renewal, { secret, name });
addEventListener("pageshow", () => sessionStorage.removeItem(KEY));
addEventListener("pagehide", () => {
  if (renewal.secret === null) return;
  sessionStorage.setItem(KEY, JSON.stringify([location.hash, renewal.secret, renewal.name]));
});
