#!/usr/bin/env node
// The launcher belongs to the package of the command; this is its place for those who run from a clone.
import "../packages/cli/bin/nuncio.mjs";
