// Runs before the first paint, so nothing flashes: the chosen theme, and the mark that script works.
(() => {
  const root = document.documentElement;
  root.classList.add("has-js");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  } catch { /* storage can be switched off; the system's theme then decides */ }
})();
