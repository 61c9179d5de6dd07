import type { AdminHandler, AdminParam } from "../handler.ts";

/** The page for browsers: every path with a link or a button, and its parameters as a form. */
export function homeHandler(handlers: () => readonly AdminHandler[]): AdminHandler {
  return {
    path: "/",
    help: "Admin home page",
    mutates: false,
    params: [],
    handle: () => ({
      status: 200,
      contentType: "text/html; charset=UTF-8",
      body: page(handlers()),
    }),
  };
}

function page(handlers: readonly AdminHandler[]): string {
  const rows = handlers
    .filter((handler) => handler.path !== "/")
    .map(row)
    .join("");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Nuncio admin</title>
<style>
body { font-family: sans-serif; margin: 2em; }
table { border-collapse: collapse; }
td { padding: 4px 12px 4px 0; vertical-align: top; border-top: 1px solid #ddd; }
label { display: block; font-size: smaller; }
</style>
</head>
<body>
<h1>Nuncio admin</h1>
<table>
${rows}</table>
</body>
</html>
`;
}

function row({ path, help, mutates, params }: AdminHandler): string {
  const target = escape(path.slice(1));
  const control = mutates ? `<button>${target}</button>` : `<a href="${target}">${target}</a>`;
  const submit = !mutates && params.length > 0 ? "<button>go</button>" : "";
  const form =
    mutates || params.length > 0
      ? `<form action="${target}" method="${mutates ? "post" : "get"}">${params.map(input).join("")}${mutates ? control : submit}</form>`
      : "";
  return `<tr><td>${mutates ? "" : control}${form}</td><td>${escape(help)}</td></tr>\n`;
}

function input({ id, help, values }: AdminParam): string {
  const name = escape(id);
  const title = escape(help);
  if (values === undefined) return `<label title="${title}">${name} <input name="${name}"></label>`;
  const options = values.map((value) => `<option>${escape(value)}</option>`).join("");
  return `<label title="${title}">${name} <select name="${name}">${options}</select></label>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
