// Follows `events/`. The browser goes on by itself after a break, with `Last-Event-ID`, for as long
// as the server is merely gone; where it is refused (a proxy's 502, a login that has ended) it gives
// up, and this begins anew.
const AGAIN_MS = 3000;
const LONGEST_MS = 60000;

// changed(type, object): a machine ("vm") or a task ("task") as it is now, or { type, id } that is
// "gone"; reset(): something may have been missed, or there is no right to follow any more, so load
// it all; lost(away): whether there is no connection now.
export function follow({ changed, reset, lost }) {
  let wait = AGAIN_MS;
  let source = null;
  let closed = false;

  function open() {
    if (closed) return;
    source = new EventSource("/api/v1/events/");
    for (const type of ["vm", "task", "gone"]) {
      source.addEventListener(type, ({ data }) => changed(type, JSON.parse(data)));
    }
    source.addEventListener("reset", reset);
    source.addEventListener("open", () => {
      wait = AGAIN_MS;
      lost(false);
    });
    source.addEventListener("error", () => {
      lost(true);
      if (source.readyState !== EventSource.CLOSED) return;
      reset();
      setTimeout(open, wait);
      wait = Math.min(2 * wait, LONGEST_MS);
    });
  }

  open();
  return () => {
    closed = true;
    source.close();
  };
}
