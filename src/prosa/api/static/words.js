// Streamlit speaks English alone. On a Portuguese page its own words are replaced as they appear; a word that is not known here
// stays as it is. What we draw ourselves (stHtml) is translated already, and what people have written is never touched: whole
// texts are compared, and those of elements only where they are a sentence of Streamlit's.
(() => {
  if (document.documentElement.lang !== "pt-BR") return;
  const LABELS = {
    "Sidebar": "Menu lateral", "Collapse sidebar": "Recolher o menu", "Expand sidebar": "Abrir o menu", "Logo": "Logotipo",
    "Navigate to home page": "Ir para a página inicial", "Open": "Abrir", "Close": "Fechar", "Dismiss": "Dispensar",
    "Increment": "Aumentar", "Decrement": "Diminuir", "Show password": "Mostrar a senha", "Hide password": "Esconder a senha",
    "Selected values": "Escolhidos", "Clear all": "Limpar tudo", "Clear value": "Limpar", "Previous month": "Mês anterior",
    "Next month": "Próximo mês", "Choose date": "Escolher a data", "Choose date range": "Escolher o período",
    "Quick select a date range": "Escolher um período pronto", "Choose an option": "Escolha uma opção",
    "Choose options": "Escolha opções", "Select a time": "Escolha a hora", "file upload": "Enviar arquivo", "Upload": "Enviar",
    "Add files": "Escolher outro arquivo", "Clear date": "Limpar a data", "Clear dates": "Limpar as datas",
    "Clear time": "Limpar a hora", "Clear entry": "Limpar", "Selectbox options": "Opções", "Multiselect options": "Opções",
    "Fullscreen": "Tela cheia", "Close fullscreen": "Sair da tela cheia", "Copy to clipboard": "Copiar", "Copied": "Copiado",
    "Stop": "Parar", "Running...": "Carregando…", "Loading...": "Carregando…",
  };
  const TEXTS = {
    "No results": "Nada encontrado", "No options to select": "Nada para escolher", "Select all": "Escolher todos",
    "No options to select.": "Nada para escolher", "Date range": "Períodos prontos", "Select...": "Escolher…",
    "Use arrow keys to navigate dates. Enter to select. Escape to close.": "Setas mudam a data, Enter escolhe, Esc fecha.",
    "Quick select a date range": "Períodos prontos", "Past Week": "Última semana", "Past Month": "Último mês",
    "Past 3 Months": "Últimos 3 meses", "Past 6 Months": "Últimos 6 meses", "Past Year": "Último ano",
    "Past 2 Years": "Últimos 2 anos", "Drag and drop a file here": "Solte o arquivo aqui", "Connection error": "Sem conexão",
    "Drag and drop files here": "Solte os arquivos aqui", "Running...": "Carregando…", "Connecting": "Conectando",
    "Skip to main content": "Ir para o conteúdo",
  };
  const MONTHS = "January February March April May June July August September October November December".split(" ");
  const month = (number) => // made where it is needed: reading its names takes a new browser some 50 ms
    new Intl.DateTimeFormat("pt-BR", { month: "long", timeZone: "UTC" }).format(Date.UTC(2026, number - 1));
  const PATTERNS = [
    [/^Help for (.+)$/s, (_, what) => `Ajuda: ${what}`],
    [/^Remove (.+)$/s, (_, what) => `Tirar ${what}`],
    [/^Choose date range, (.+)$/, (_, what) => `Escolher o período, ${what}`],
    [/^Choose date, (.+)$/, (_, what) => `Escolher a data, ${what}`],
    [/^(day|month|year), (.+)$/, (_, part, what) => `${{ day: "dia", month: "mês", year: "ano" }[part]}, ${translated(what, {})}`],
    [/^(.+) start date$/, (_, what) => `${what}: início`],
    [/^(.+) end date$/, (_, what) => `${what}: fim`],
    [/^(.+) — start$/, (_, what) => `${what}: menor`],
    [/^(.+) — end$/, (_, what) => `${what}: maior`],
    [/^(.+) color picker$/, (_, what) => `${what}: escolher a cor`],
    [/^Number is .* between (.+) and (.+)\.$/, (_, least, most) => `O número precisa estar entre ${least} e ${most}.`],
    [/^Number is .* greater than or equal to (.+)\.$/, (_, least) => `O número precisa ser no mínimo ${least}.`],
    [/^Number is .* less than or equal to (.+)\.$/, (_, most) => `O número pode ser no máximo ${most}.`],
    [/^(\d+) – ([A-Z][a-z]+)$/, (all, number, name) =>
      MONTHS[number - 1] === name ? `${number} – ${month(number)}` : all],
  ];
  const FILES = [ // of the field for a file
    [/^Error:?\s*$/, () => "Erro: "],
    [/^(Error: )?\S+ files are not allowed\.$/, () => "Este tipo de arquivo não serve."],
    [/^(Error: )?File must be (.+) or smaller\.$/, (_, error, size) => `O arquivo passa de ${size.replace(".", ",")}.`],
  ];
  const ATTRIBUTES = ["aria-label", "placeholder", "title", "alt", "aria-valuetext"];
  const translated = (text, words) =>
    words[text] ?? PATTERNS.reduce((said, [pattern, replace]) => said.replace(pattern, replace), text);

  const ours = (element) => !element || element.closest('[data-testid="stHtml"], [data-tag] > span, script, style, textarea');
  const label = (element) => {
    for (const name of ATTRIBUTES) {
      const text = element.getAttribute(name);
      const said = text && translated(text, LABELS);
      if (said && said !== text) element.setAttribute(name, said);
    }
  };
  const say = (node) => {
    const text = node.data.trim();
    const file = FILES.find(([pattern]) => pattern.test(text));
    const said = file ? text.replace(...file)
      : /^(Choose date|Number is )/.test(text) ? translated(text, LABELS) : TEXTS[text];
    if (said && !ours(node.parentElement)) node.data = said;
  };
  const translate = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return say(root);
    if (root.nodeType !== Node.ELEMENT_NODE || ours(root)) return;
    label(root);
    for (const element of root.querySelectorAll(ATTRIBUTES.map((name) => `[${name}]`).join())) ours(element) || label(element);
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) say(texts.currentNode);
  };
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "childList") change.addedNodes.forEach(translate);
      else if (change.type === "attributes") ours(change.target) || label(change.target);
      else say(change.target);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES });
})();
