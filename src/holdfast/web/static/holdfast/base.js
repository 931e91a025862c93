// What every page may use, by attributes alone. Pages work without it.
//   data-theme-toggle                     light or dark, remembered
//   data-opens="dialog-id", data-closes   native dialogs
//   data-copies="text"                    copies; data-done holds the word shown afterwards
//   data-reveals="input-id"               shows a password; data-done holds the other label
//   data-deadline="epoch ms" …            a countdown, see startCountdown
//   .toast[data-ttl="seconds"]            leaves by itself, waits while hovered or focused
//   data-takes-focus                      gets the focus after a swap
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const byId = (id) => document.getElementById(id);

// ---- Clicks -------------------------------------------------------------------------------------------------
const clicks = {
  themeToggle() {
    const root = document.documentElement;
    const isDark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = isDark ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch { /* for this page only, then */ }
  },
  opens(button) {
    const dialog = byId(button.dataset.opens);
    if (!dialog || dialog.open) return false;
    dialog.showModal();
  },
  closes(button) {
    const dialog = button.closest("dialog");
    if (dialog) dialog.close(); else button.closest(".toast")?.remove();
  },
  copies(button) {
    navigator.clipboard?.writeText(button.dataset.copies).then(() => announce(button.dataset.done), () => {});
  },
  reveals(button) {
    const input = byId(button.dataset.reveals);
    const hidden = input.type === "password";
    input.type = hidden ? "text" : "password";
    [button.textContent, button.dataset.done] = [button.dataset.done, button.textContent];
    button.setAttribute("aria-pressed", String(hidden));
  },
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-toggle],[data-opens],[data-closes],[data-copies],[data-reveals]");
  if (!button) return;
  const action = Object.keys(clicks).find((name) => name in button.dataset);
  if (clicks[action](button) !== false) event.preventDefault();
});

// ---- Words for screen readers ---------------------------------------------------------------------------------
export function announce(words) {
  const status = byId("announcer");
  if (!status || !words) return;
  status.textContent = "";
  requestAnimationFrame(() => { status.textContent = words; });
}

// ---- Countdowns -------------------------------------------------------------------------------------------------
// <div data-deadline="ms" data-now="ms" data-total="s" data-say-120="2 minutes left" data-say-60 data-say-30>
// The server's own "now" comes along, so a wrong clock on the phone does not shorten the time shown.
// [data-clock] gets m:ss, progress[data-meter] the seconds left; at zero [data-until-end] hides, [data-at-end] shows.
function startCountdown(box) {
  if (box.dataset.running) return;
  box.dataset.running = "true";
  const skew = Number(box.dataset.now) - Date.now();
  const deadline = Number(box.dataset.deadline);
  const said = new Set();
  const tick = () => {
    if (!box.isConnected) return;
    const left = Math.max(0, Math.round((deadline - Date.now() - skew) / 1000));
    const shown = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    for (const clock of all("[data-clock]", box)) clock.textContent = shown;
    for (const meter of all("progress[data-meter]", box)) meter.value = left;
    box.classList.toggle("tone-warn", left <= 60);
    const words = box.getAttribute(`data-say-${left}`);
    if (words && !said.has(left)) { said.add(left); announce(words); }
    if (left) { setTimeout(tick, 1000 - ((Date.now() + skew) % 1000)); return; }
    for (const part of all("[data-until-end]", box)) part.hidden = true;
    for (const part of all("[data-at-end]", box)) part.hidden = false;
    announce(box.getAttribute("data-say-0"));
    box.dispatchEvent(new CustomEvent("holdfast:ended", { bubbles: true }));
  };
  tick();
}

// ---- Toasts -----------------------------------------------------------------------------------------------------
function startToast(toast) {
  if (toast.dataset.running) return;
  toast.dataset.running = "true";
  let left = Number(toast.dataset.ttl);
  let held = false;
  for (const name of ["mouseenter", "focusin"]) toast.addEventListener(name, () => { held = true; });
  for (const name of ["mouseleave", "focusout"]) toast.addEventListener(name, () => { held = false; });
  const seconds = toast.querySelector("[data-seconds]");
  const timer = setInterval(() => {
    if (!toast.isConnected) { clearInterval(timer); return; }
    if (held) return;
    left -= 1;
    if (seconds) seconds.textContent = String(left);
    if (left <= 0) { clearInterval(timer); toast.remove(); }
  }, 1000);
}

// ---- A form is sent once ----------------------------------------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.method === "get") return;
  if (event.submitter?.formTarget) return; // shown in a frame of this page, as often as one likes
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "true";
  event.submitter?.classList.add("is-busy");
});
// Back from the next page out of the browser's cache: the form may be sent again.
addEventListener("pageshow", () => {
  for (const form of all("form[data-sent]")) delete form.dataset.sent;
  for (const button of all(".is-busy")) button.classList.remove("is-busy");
});

function wake(root = document) {
  all("[data-deadline]", root).forEach(startCountdown);
  all(".toast[data-ttl]", root).forEach(startToast);
}
wake();
document.addEventListener("htmx:after:swap", () => {
  wake();
  const target = document.querySelector("[data-takes-focus]");
  target?.removeAttribute("data-takes-focus"); // once: the next swap elsewhere must not pull the focus back
  target?.focus();
});
// The page opened on a message or an error: read that first.
document.querySelector("[data-takes-focus-on-load]")?.focus();
