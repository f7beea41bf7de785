// The frame of a report is as high as the report: no page within the page that has to be scrolled by itself.
(() => {
  const fit = (frame) => {
    const paper = frame.contentDocument?.documentElement;
    if (paper) frame.style.height = `${paper.offsetHeight}px`;
  };
  const widths = new ResizeObserver((entries) => entries.forEach((entry) => fit(entry.target)));
  // A frame's load does not bubble; it is heard on its way down.
  document.addEventListener("load", ({ target }) => {
    if (!target.matches?.('iframe[src^="/reports?"]')) return;
    fit(target);
    widths.observe(target);
  }, true);
})();
