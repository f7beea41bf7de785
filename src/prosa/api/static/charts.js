// Draws the figures that a page holds as `<div class="prosa-chart" data-figure="…" data-config="…">` (dashboards/widgets.py),
// with the part of Plotly that knows lines and bars. Streamlit's own way fetches and reads all of Plotly, four times as much.
// A figure is drawn when it comes near the screen, or else when the browser has nothing better to do; and again when its width
// or the theme changes. Its colours are the style sheet's.
(() => {
  const PROGRAM = "/assets/plotly-basic-4.1.1.min.js"; // npm plotly.js-basic-dist-min 4.1.1, MIT
  const figures = document.getElementsByClassName("prosa-chart"); // live: holds what is on the page at any time
  const seen = new WeakSet();
  const due = new WeakSet(); // those that are to be drawn by now
  const idle = globalThis.requestIdleCallback ?? ((then) => setTimeout(then, 200)); // which Safari lacks
  let fetched;

  const plotly = () =>
    (fetched ??= new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: PROGRAM, onload: resolve, onerror: reject });
      document.head.append(script);
    }).catch((error) => {
      fetched = undefined; // the next figure tries again
      throw error;
    }));

  const template = (figure) => {
    const style = getComputedStyle(figure);
    const [accent, second, line, quiet, card] = ["accent", "second", "line", "quiet", "card"].map((name) =>
      style.getPropertyValue(`--${name}`));
    const axis = { gridcolor: line, linecolor: line, zerolinecolor: line, spikecolor: quiet, spikethickness: 1 };
    return { layout: {
      colorway: [accent, second, quiet],
      paper_bgcolor: card, plot_bgcolor: card, // the line under the pointer has an edge of this colour
      font: { family: style.fontFamily, size: 12, color: quiet },
      hoverlabel: { bgcolor: card, bordercolor: line, font: { family: style.fontFamily, color: style.color } },
      xaxis: axis, yaxis: axis,
    } };
  };

  const draw = async (figure) => {
    try {
      if (!due.has(figure)) return;
      await plotly();
      if (!figure.isConnected || !figure.clientWidth) return;
      const { data, layout } = JSON.parse(figure.dataset.figure);
      const config = JSON.parse(figure.dataset.config);
      await Plotly.react(figure, data, { ...layout, template: template(figure), width: figure.clientWidth }, config);
    } catch (error) {
      console.error(error);
      figure.className = "prosa-broken";
      figure.textContent = figure.dataset.broken;
    }
  };

  const widths = new ResizeObserver((changes) => changes.forEach((change) => draw(change.target))); // says the first width too
  const themes = new MutationObserver(() => [...figures].forEach(draw));
  const take = (figure) => {
    near.unobserve(figure);
    if (due.has(figure)) return;
    due.add(figure);
    draw(figure);
  };
  const near = new IntersectionObserver((changes) => changes.forEach((change) => change.isIntersecting && take(change.target)), {
    rootMargin: "25%",
  });
  const appear = (figure) => {
    seen.add(figure);
    near.observe(figure);
    idle(() => take(figure));
    widths.observe(figure);
    themes.observe(figure.closest(".stApp"), { attributeFilter: ["class"] }); // observing it again changes nothing
  };
  new MutationObserver(() => [...figures].forEach((figure) => seen.has(figure) || appear(figure))).observe(document, {
    subtree: true, childList: true,
  });
})();
