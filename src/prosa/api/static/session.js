// In every page of the dashboards: to the login as soon as the session has ended (another tab, expiry, a closed account),
// and afresh where this browser has logged in as somebody else. What was typed and not yet sent waits in this tab meanwhile,
// for the same person alone; passwords do not.
(() => {
  const mine = document.querySelector('meta[name="prosa-session"]').content;
  const person = mine.split("-").slice(0, 2).join("-"); // company and user, without the session's number
  const KEPT = "prosa-typed";
  const FIELDS = '[data-testid="stMain"] :is(input[type="text"], textarea)';
  const typed = new Map();
  let leaving = false; // a form of the page is on its way (log out, enter a company, leave it): its answer says where to go

  const nameOf = (field) => {
    const label = field.getAttribute("aria-label");
    const alike = [...document.querySelectorAll(FIELDS)].filter((other) => other.getAttribute("aria-label") === label);
    return `${location.pathname} ${alike.indexOf(field)} ${label}`;
  };
  const check = async () => {
    try {
      const answer = await fetch("/auth/ping", { cache: "no-store" });
      if (leaving) return;
      if (answer.status === 401) {
        sessionStorage.setItem(KEPT, JSON.stringify({ person, typed: [...typed] }));
        location.replace("/login?done=ended&next=" + encodeURIComponent(location.pathname + location.search));
      } else if (answer.status === 204 && answer.headers.get("x-prosa-session") !== mine) location.reload();
    } catch {
      // no network: the next check decides
    }
  };
  const giveBack = (kept) => {
    const left = new Map(kept.typed);
    const fill = () => {
      for (const field of document.querySelectorAll(FIELDS)) {
        const name = nameOf(field);
        if (!left.has(name)) continue;
        // React notices only what is set past its own property, and takes a text over when the field is left.
        Object.getOwnPropertyDescriptor(field.constructor.prototype, "value").set.call(field, left.get(name));
        field.dispatchEvent(new Event("input", { bubbles: true }));
        field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
        left.delete(name);
      }
      if (!left.size) drawing.disconnect();
    };
    const drawing = new MutationObserver(fill);
    drawing.observe(document, { subtree: true, childList: true });
  };

  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  sessionStorage.removeItem(KEPT);
  if (kept?.person === person && kept.typed.length) giveBack(kept);
  addEventListener("input", ({ target }) => target.matches(FIELDS) && typed.set(nameOf(target), target.value), true);
  addEventListener("click", ({ target }) => {
    // sent: unless the session has ended, which the next check finds out
    if (target.closest('[data-testid^="stBaseButton-primary"]')) setTimeout(() => typed.clear(), 6000);
  }, true);
  addEventListener("submit", (event) => (leaving = !event.defaultPrevented));
  addEventListener("pageshow", () => (leaving = false)); // back again by the browser's own button
  setInterval(() => document.visibilityState === "visible" && check(), 5000);
  addEventListener("visibilitychange", () => document.visibilityState === "visible" && check());
  addEventListener("pageshow", (event) => event.persisted && check());
})();
