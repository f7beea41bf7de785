// What a key has opened is entered by the keyboard: Streamlit draws a popover at the end of the document, far from its button.
(() => {
  const FOCUSABLE = 'a[href], button:not([disabled]), input:not([disabled]), textarea:not([disabled]), [tabindex="0"]';
  new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      const body = node.querySelector?.('[data-testid="stPopoverBody"]');
      if (body && document.activeElement?.matches('[data-testid="stPopover"] button:focus-visible'))
        requestAnimationFrame(() => body.querySelector(FOCUSABLE)?.focus());
    }
  }).observe(document.documentElement, { subtree: true, childList: true });
})();
