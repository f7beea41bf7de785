// In every page of the dashboards: to the login as soon as the session has ended (another tab, expiry, a closed account),
// and afresh where this browser has logged in as somebody else.
(() => {
  const mine = document.querySelector('meta[name="prosa-session"]').content;
  const check = async () => {
    try {
      const answer = await fetch("/auth/ping", { cache: "no-store" });
      if (answer.status === 401) location.replace("/login?next=" + encodeURIComponent(location.pathname + location.search));
      else if (answer.status === 204 && answer.headers.get("x-prosa-session") !== mine) location.reload();
    } catch {
      // no network: the next check decides
    }
  };
  setInterval(() => document.visibilityState === "visible" && check(), 5000);
  addEventListener("visibilitychange", () => document.visibilityState === "visible" && check());
  addEventListener("pageshow", (event) => event.persisted && check());
})();
