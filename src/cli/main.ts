#!/usr/bin/env node
import { loadWithFewFiles } from '../common/modules.node.ts';

await loadWithFewFiles();
const { run } = await import('./program.ts');
await run(process.argv.slice(2));
