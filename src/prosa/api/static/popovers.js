// What a key has opened is entered by the keyboard: Streamlit draws a popover at the end of the document, far from its button.
(() => {
  const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), [tabindex="0"]';
  // A field whose program is still to come may stand above a button that is there already: its place holder is waited for.
  const enter = (body) => {
    const first = body.querySelector('[data-testid="stSkeleton"]') ? null : body.querySelector(FOCUSABLE);
    if (first) first.focus();
    else if (body.isConnected) requestAnimationFrame(() => enter(body));
  };
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      const body = node.querySelector?.('[data-testid="stPopoverBody"]');
      if (body && document.activeElement?.matches('[data-testid="stPopover"] button:focus-visible'))
        requestAnimationFrame(() => enter(body));
    }
  }).observe(document.documentElement, { subtree: true, childList: true });
})();
