import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Bench, root } from './bench.ts';
import type { Table } from './section.ts';

/** Instruction sets that matter here, as Linux calls them. */
const instructionSets = { avx2: 'AVX2', fma: 'FMA', avx512f: 'AVX-512', avx512_vnni: 'VNNI' };

/** What the results depend on: processor, system, versions, and how the peers are set up. */
export async function machine({ python, threads }: Bench): Promise<Table> {
  const processors = cpus();
  const info = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const flags = new Set((/^flags\s*:(.*)$/m.exec(info)?.[1] ?? '').trim().split(/\s+/));
  const sets = Object.entries(instructionSets).flatMap(([flag, name]) => (flags.has(flag) ? [name] : []));
  const ort = createRequire(join(root, 'package.json'))('onnxruntime-node/package.json') as {
    version: string;
  };
  const found = await peers(python);
  return {
    columns: ['what', 'which'],
    rows: [
      ['date', new Date().toISOString().slice(0, 10)],
      [
        'processor',
        `${processors[0]?.model ?? 'unknown'}, ${processors.length} cores (${sets.join(', ') || 'flags unknown'})`,
      ],
      ['memory', `${(totalmem() / 2 ** 30).toFixed(0)} GiB`],
      ['system', `${type()} ${release()}`],
      ['threads', `${threads} for every program`],
      ['limn', `Node ${process.versions.node}, ONNX Runtime ${ort.version}`],
      ['peers', found],
    ],
  };
}

async function peers(python: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(python, [join(root, 'bench/peers/server.py'), 'info']);
    const info = JSON.parse(stdout) as Record<string, string | null>;
    const versions = { PyTorch: info.torch, OpenCV: info.cv2, NumPy: info.numpy, Python: info.python };
    const present = Object.entries(versions).map(
      ([name, version]) => `${name} ${version ?? 'not installed'}`,
    );
    return [...present, `BLAS: ${info.blas}`].join(', ');
  } catch {
    return `none: ${python} cannot run them`;
  }
}
