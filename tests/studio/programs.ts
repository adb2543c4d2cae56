import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect } from 'vitest';
import { limn } from '../cli/limn.ts';

/** Runs a program that the page says, as somebody does who has the package: in a folder, with the built limn. Gives what it prints. */
export async function runProgram(text: string, cwd: string): Promise<string> {
  const modules = join(cwd, 'node_modules');
  if (!existsSync(modules)) {
    mkdirSync(modules);
    symlinkSync(resolve('.'), join(modules, 'limn'));
  }
  const file = join(cwd, 'program.mjs');
  writeFileSync(file, text);
  return new Promise((done, fail) => {
    execFile(process.execPath, [file], { cwd, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (error) fail(new Error(`${stderr}\n${text}`));
      else done(stdout);
    });
  });
}

/** Runs the lines of a command that the page says, one by one; none may fail. Words have no spaces in them here. */
export async function runCommand(text: string, cwd: string): Promise<void> {
  for (const line of text.split('\n')) {
    expect(line).toMatch(/^limn /);
    const { code, stderr } = await limn(line.split(' ').slice(1), cwd);
    expect(code, `${line}\n${stderr}`).toBe(0);
  }
}
