import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A process that has ended. */
export async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid!;
}

/** A temporary file as a process of limn leaves it that was killed while it wrote `name` in a folder. */
export async function deadTemporary(folder: string, name: string): Promise<string> {
  const library = fileURLToPath(new URL('../../dist/common/temporary.node.js', import.meta.url));
  const script = `import { temporaryFor } from ${JSON.stringify(library)}; process.stdout.write(temporaryFor(${JSON.stringify(`${folder}/${name}`)}));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let path = '';
  child.stdout.on('data', (data) => {
    path += data;
  });
  await new Promise((resolve) => child.once('close', resolve));
  writeFileSync(path, 'half');
  return path;
}
