import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { allCommands } from "../command-line/all-commands.ts";
import { COMMANDS } from "../commands.ts";
import { runNuncio } from "../testing/running-proxy.ts";
import { smallTable } from "../testing/small-table.ts";
import { manualPage } from "./page.ts";

void test("a page has usage, text and flags, and nothing of them is taken for a request", async () => {
  const [, look] = await allCommands(smallTable());
  assert.equal(
    manualPage(look!, "1.2.3"),
    String.raw`.TH "NUNCIO\-LOOK" 1 "" "nuncio 1.2.3"
.SH NAME
nuncio\-look \- look
.SH SYNOPSIS
\fBnuncio look\fR FILE [flags]
.br
\fBnuncio look\fR \-\-deep
.SH DESCRIPTION
.nf
\&.looks 'into'
\-\e files
.fi
.SH OPTIONS
.TP
\fB\-o\fR, \fB\-\-output\fR \fIHOW\fR
how (yaml, json)
.TP
\fB\-\-into\fR \fIFILE\fR
it's where
.TP
\fB\-\-count\fR \fIN\fR
how many
.TP
\fB\-\-deep\fR
all
.TP
\fB\-\-old\fR
refused
.TP
\fB\-h\fR, \fB\-\-help\fR
print this and exit
.SH SEE ALSO
\fBnuncio\fR(1)
`,
  );
});

void test("writes a page for each command and each group", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-man-"));
  t.after(() => rmSync(folder, { recursive: true }));
  assert.deepEqual(runNuncio(["man", "--folder", folder]).status, 0);
  const nodes = await allCommands(COMMANDS);
  const pages = nodes.map(({ words }) => `${["nuncio", ...words].join("-")}.1`);
  assert.deepEqual(readdirSync(folder).toSorted(), pages.toSorted());
  const printed = runNuncio(["man", "ctl", "xds"]).stdout;
  assert.equal(readFileSync(join(folder, "nuncio-ctl-xds.1"), "utf8"), printed);
  assert.match(readFileSync(join(folder, "nuncio.1"), "utf8"), /\\fBnuncio\\-proxy\\fR\(1\)/);
  assert.match(runNuncio(["man", "nothing"]).stderr, /^nuncio: expected a command \(proxy, /);
});
