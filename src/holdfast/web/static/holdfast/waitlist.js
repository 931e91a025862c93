// A place in line that stays true without a reload: asks every few seconds while somebody looks, and at once when they
// come back. It imports nothing: files are served under hashed names. The page works without it.
const live = () => document.getElementById("live");
const say = (words) => {
  const status = document.getElementById("announcer");
  if (!status || !words) return;
  status.textContent = "";
  requestAnimationFrame(() => { status.textContent = words; });
};

// ---- The time left: in the title, and round the clock --------------------------------------------------------------
function showTimeLeft() {
  const here = live();
  const clock = here?.querySelector(".offer [data-clock]");
  if (!here) return;
  document.title = clock ? `(${clock.textContent}) ${here.dataset.title}` : here.dataset.title;
  const offer = clock?.closest("[data-deadline]");
  const ring = offer?.querySelector("[data-ring]");
  if (!ring) return;
  const [minutes, seconds] = clock.textContent.split(":").map(Number);
  const gone = 1 - (minutes * 60 + seconds) / Number(offer.dataset.total);
  ring.setAttribute("stroke-dashoffset", String(Math.round(Math.min(1, Math.max(0, gone)) * 1000) / 10));
}

// ---- Asking how things stand --------------------------------------------------------------------------------------------
let asking = false;

async function look() {
  const before = live();
  if (!before?.dataset.polls || asking || document.hidden || before.querySelector("form[data-sent]")) return;
  asking = true;
  try {
    const response = await fetch(`${location.pathname}?seen=${before.dataset.seen}`, { cache: "no-store" });
    if (response.status === 200) show(before, await response.text());
  } catch { /* offline: the next look may do better */ } finally { asking = false; }
}

function show(before, html) {
  const after = new DOMParser().parseFromString(html, "text/html").getElementById("live");
  if (!after || before !== live() || before.querySelector("form[data-sent]")) return;
  const held = before.contains(document.activeElement) ? document.activeElement.id : null;
  const isNews = after.dataset.says !== before.dataset.says;
  before.replaceWith(document.adoptNode(after));
  document.dispatchEvent(new CustomEvent("htmx:after:swap"));  // what base.js wakes after any other swap: the clocks
  if (held !== null) (document.getElementById(held) ?? document.getElementById("live-title"))?.focus();
  showTimeLeft();
  if (!isNews) return;
  say(after.dataset.says);
  if (after.querySelector(".offer") && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(200);
}

const seconds = Number(live()?.dataset.polls ?? 0);
if (seconds) setInterval(look, seconds * 1000);
setInterval(showTimeLeft, 1000);
showTimeLeft();
document.addEventListener("visibilitychange", look);
document.addEventListener("holdfast:ended", () => setTimeout(look, 500));
addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
// A mail leads to the answer itself.
if (location.hash === "#accept") document.getElementById("accept")?.focus();
