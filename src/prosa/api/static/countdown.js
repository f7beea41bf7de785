// What is left of a draft's window (dashboards/pages/draft_head.py) counts down by itself, by the server's clock.
(() => {
  const SIZES = [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]];
  const written = (seconds) => { // in the two largest units, as format.py writes it
    const at = SIZES.findIndex(([, size]) => seconds >= size);
    const [name, size] = SIZES[at];
    const [smaller, part] = SIZES[at + 1] ?? ["", size];
    const rest = Math.floor((seconds % size) / part);
    return `${Math.floor(seconds / size)} ${name}${rest ? ` ${rest} ${smaller}` : ""}`;
  };
  setInterval(() => {
    for (const mark of document.querySelectorAll("[data-left]")) {
      mark.ends ??= performance.now() + mark.dataset.left * 1000;
      const left = Math.floor((mark.ends - performance.now()) / 1000);
      const said = left > 0 ? mark.dataset.open.replace("{left}", written(left)) : mark.dataset.closed;
      if (mark.textContent !== said) mark.textContent = said;
    }
  }, 1000);
})();
