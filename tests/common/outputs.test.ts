import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LEDGER_FILE } from '../../src/common/ledger.node.ts';
import { type Outputs, withOutputs } from '../../src/common/outputs.node.ts';
import { temporaryFor } from '../../src/common/temporary.node.ts';
import { folder } from '../cli/limn.ts';
import { deadTemporary } from './temporary.ts';

let dir = '';
beforeEach(() => {
  dir = folder();
});
const at = (name: string) => join(dir, name);
const text = (name: string) => readFileSync(at(name), 'utf8');
const write = (name: string, data: string, overwrite = false) =>
  withOutputs({ overwrite }, (outputs) => outputs.write(at(name), data));

describe('a file that is in the way', () => {
  it('is replaced if limn made it, in this process or another, moved or copied', async () => {
    await write('a/x.txt', 'one');
    await write('a/x.txt', 'two');
    expect(text('a/x.txt')).toBe('two');
    renameSync(at('a'), at('b'));
    await write('b/x.txt', 'three');
    utimesSync(at('b/x.txt'), 1, 1);
    await write('b/x.txt', 'four');
    expect(text('b/x.txt')).toBe('four');
    expect(readdirSync(at('b')).sort()).toEqual([LEDGER_FILE, 'x.txt']);
  });

  it.each([
    ['limn did not make', () => writeFileSync(at('x.txt'), 'mine')],
    [
      'was changed since',
      async () => {
        await write('x.txt', 'limn');
        writeFileSync(at('x.txt'), 'mine');
      },
    ],
    [
      'has the name of another that limn made',
      async () => {
        await write('y.txt', 'mine');
        renameSync(at('y.txt'), at('x.txt'));
      },
    ],
  ])('is refused if it %s, before anything is written, and replaced with overwrite', async (_, make) => {
    await make();
    const all = withOutputs({}, (outputs) =>
      outputs.writeAll([
        [at('new.txt'), 'new'],
        [at('x.txt'), 'limn'],
      ]),
    );
    await expect(all).rejects.toThrow(
      'x.txt: is there already, and limn did not make it or it was changed since; choose another output, or allow this with overwrite',
    );
    await expect(withOutputs({}, (outputs) => outputs.claim([at('x.txt')]))).rejects.toThrow(
      'is there already',
    );
    expect(text('x.txt')).toBe('mine');
    expect(existsSync(at('new.txt'))).toBe(false);
    await write('x.txt', 'limn', true);
    await write('x.txt', 'limn again');
    expect(text('x.txt')).toBe('limn again');
  });

  it('is a link or a folder: never replaced, or only with overwrite', async () => {
    writeFileSync(at('target'), 'mine');
    symlinkSync('target', at('link'));
    symlinkSync('nowhere', at('dangling'));
    mkdirSync(at('folder'));
    for (const name of ['link', 'dangling']) await expect(write(name, 'x')).rejects.toThrow('is a link');
    await expect(write('folder', 'x', true)).rejects.toThrow('is a folder');
    symlinkSync('/dev/null', at('device'));
    await expect(write('device', 'x', true)).rejects.toThrow('is no regular file');
    await write('link', 'limn', true);
    expect([text('link'), text('target')]).toEqual(['limn', 'mine']);
  });

  it('is known after a process was killed between noting and writing it', async () => {
    await write('x.txt', 'old');
    const line = { file: 'x.txt', bytes: 3, sha256: 'f'.repeat(64) };
    writeFileSync(at(LEDGER_FILE), `${text(LEDGER_FILE)}${JSON.stringify(line)}\n{"file":"x.t`);
    await write('x.txt', 'new');
    expect(text('x.txt')).toBe('new');
  });
});

describe('an input', () => {
  const linked = (link: (path: string) => void, name: string, below = '') => {
    link(at(name));
    return at(name + below);
  };
  const ways: readonly [string, () => string][] = [
    ['itself', () => at('in.txt')],
    ['a hard link', () => linked((path) => linkSync(at('in.txt'), path), 'hard')],
    ['a link', () => linked((path) => symlinkSync('in.txt', path), 'soft')],
    ['a linked folder', () => linked((path) => symlinkSync('.', path), 'here', '/in.txt')],
    ['another spelling', () => `${dir}/.//in.txt`],
    ['a relative path', () => relative(process.cwd(), at('in.txt'))],
  ];
  it.each(ways)('is never written over by %s', async (_, output) => {
    await write('in.txt', 'input');
    for (const overwrite of [false, true]) {
      const path = overwrite ? at('in.txt') : output();
      const work = withOutputs({ overwrite }, async (outputs) => {
        outputs.reads([at('in.txt')]);
        await outputs.write(path, 'output');
      });
      await expect(work).rejects.toThrow(`${path}: is read here and would be written over`);
    }
    expect(text('in.txt')).toBe('input');
  });

  it('is one whenever it is added, and stays where it is to be removed', async () => {
    await write('in.txt', 'input');
    await withOutputs({ overwrite: true }, async (outputs) => {
      await outputs.claim([at('in.txt')]);
      outputs.reads([at('gone'), undefined, at('in.txt')]);
      const both = await Promise.allSettled([outputs.claim([at('in.txt')]), outputs.claim([at('in.txt')])]);
      const refusal = { reason: { what: 'is read here and would be written over' } };
      expect(both).toMatchObject([refusal, refusal]);
      await outputs.remove(at('in.txt'));
    });
    expect(text('in.txt')).toBe('input');
  });
});

it('tells limn’s files from others after any history', async () => {
  const step = fc.record({
    name: fc.constantFrom('a', 'b', 'sub/a'),
    who: fc.constantFrom('limn', 'user', 'nobody'),
    data: fc.constantFrom('1', '2', '33'),
    owned: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const root = folder();
      mkdirSync(join(root, 'sub'));
      // By the folder whose ledger tells of it: a folder that is held has one for all below, else each folder its own.
      const noted = new Set<string>();
      const there = new Map<string, string>();
      for (const { name, who, data, owned } of steps) {
        const path = join(root, name);
        const before = there.get(name);
        if (who === 'nobody') {
          rmSync(path, { force: true });
          there.delete(name);
        } else if (who === 'user') {
          writeFileSync(path, data);
          there.set(name, data);
        } else {
          const work = withOutputs({}, async (outputs) => {
            if (owned) await outputs.own(root);
            await outputs.write(path, data);
          });
          const ledgers = owned ? [root, dirname(path)] : [dirname(path)];
          if (before === undefined || ledgers.some((ledger) => noted.has(`${ledger} ${name} ${before}`))) {
            await work;
            there.set(name, data);
            noted.add(`${ledgers[0]} ${name} ${data}`);
          } else await expect(work).rejects.toThrow('limn did not make it');
        }
        for (const [each, content] of there) expect(readFileSync(join(root, each), 'utf8')).toBe(content);
      }
    }),
    { numRuns: 40 },
  );
});

describe('a folder that is held', () => {
  const hold = (name: string, work: (outputs: Outputs) => Promise<void> = async () => {}) =>
    withOutputs({}, async (outputs) => {
      await outputs.own(at(name));
      await work(outputs);
    });

  it('is nobody else’s meanwhile; who has it is said', async () => {
    await hold('out', async () => {
      await expect(hold('out')).rejects.toThrow(
        new RegExp(
          `out: in use by another process of limn: ${process.pid} on \\S+, since 20.*; wait for its end, stop it`,
        ),
      );
      await hold('other');
    });
    await hold('out');
  });

  it('leaves nothing behind where nothing was written, and no lock where something was', async () => {
    await hold('new/deep/out');
    expect(existsSync(at('new'))).toBe(false);
    mkdirSync(at('there'));
    await hold('there');
    expect(readdirSync(at('there'))).toEqual([]);
    await hold('new/out', (outputs) => outputs.write(at('new/out/sub/x'), 'x'));
    expect(readdirSync(at('new/out')).sort()).toEqual([LEDGER_FILE, 'sub']);
    expect(readdirSync(at('new/out/sub'))).toEqual(['x']);
  });

  it.each([
    ['removed', () => rmSync(at('out'), { recursive: true })],
    [
      'replaced',
      () => {
        renameSync(at('out'), at('moved'));
        mkdirSync(at('out'));
      },
    ],
  ])('is an error when it is %s, at the next file and at the end', async (_, vanish) => {
    const later = hold('out', async (outputs) => {
      vanish();
      await outputs.write(at(`out${sep}x`), 'x');
    });
    await expect(later).rejects.toThrow('out: was removed or replaced while limn worked');
    expect(existsSync(at('out/x'))).toBe(false);
    rmSync(at('moved'), { recursive: true, force: true });
    const atEnd = hold('out', async (outputs) => {
      await outputs.write(at('out/y'), 'y');
      vanish();
    });
    await expect(atEnd).rejects.toThrow('out: was removed or replaced while limn worked');
    rmSync(at('moved'), { recursive: true, force: true });
    // The data are gone through for the ledger, and to be written: the folder goes in the midst of each.
    for (const time of [1, 2]) {
      let passes = 0;
      const data = [Buffer.from('first'), Buffer.from('last')];
      Object.defineProperty(data, 1, {
        get() {
          if (++passes === time) vanish();
          return Buffer.from('last');
        },
      });
      const midst = hold('out', (outputs) => outputs.write(at('out/z'), data));
      await expect(midst).rejects.toThrow('out: was removed or replaced while limn worked');
      expect(passes).toBeGreaterThanOrEqual(time);
      for (const name of ['moved', 'out']) rmSync(at(name), { recursive: true, force: true });
    }
  });

  it('is named when it goes while a file is written in it, held or not', async () => {
    let passes = 0;
    const data = [Buffer.from('first'), Buffer.from('last')];
    Object.defineProperty(data, 1, {
      get() {
        if (++passes === 2) rmSync(at('loose'), { recursive: true });
        return Buffer.from('last');
      },
    });
    const work = withOutputs({}, (outputs) => outputs.write(at('loose/x'), data));
    await expect(work).rejects.toThrow('loose: was removed or replaced while limn wrote to it');
    expect(passes).toBe(2);
  });

  it('notices that a file is gone', async () => {
    const work = hold('out', async (outputs) => {
      await outputs.write(at('out/x'), 'x');
      rmSync(at('out/x'));
    });
    await expect(work).rejects.toThrow('out/x: was removed while limn worked');
  });
});

describe('a folder that was made for work', () => {
  it('goes where nothing came of it, with the notes of what was removed; what was there or was written stays', async () => {
    const begun = (name: string, then: (outputs: Outputs) => Promise<void>) =>
      withOutputs({}, async (outputs) => {
        await outputs.own(at(name));
        await outputs.open([at(join(name, 'begun'))]);
        writeFileSync(at(join(name, 'begun')), '');
        await then(outputs);
      });
    const fails = async (outputs: Outputs, name: string) => {
      await outputs.remove(at(join(name, 'begun')));
      throw new Error('enough');
    };
    mkdirSync(at('there'));
    for (const name of ['new/deep', 'there'])
      await expect(begun(name, (outputs) => fails(outputs, name))).rejects.toThrow('enough');
    expect(existsSync(at('new'))).toBe(false);
    expect(existsSync(at('there'))).toBe(true);
    await begun('kept', async () => {});
    expect(existsSync(at('kept/begun'))).toBe(true);
  });
});

describe('what a killed process left half written', () => {
  it.each([
    ['a folder is held', (outputs: Outputs) => outputs.own(dir)],
    ['a file is claimed', (outputs: Outputs) => outputs.claim([at('x.png')])],
    ['a file is written', (outputs: Outputs) => outputs.write(at('x.png'), 'x')],
  ])('goes when %s; what a living one writes, or another program, stays', async (_, work) => {
    const left = [await deadTemporary(dir, 'x.png'), await deadTemporary(dir, 'é'.repeat(120))];
    const living = temporaryFor(at('x.png'));
    const others = [living, at('.x.tmp'), at('x.tmp'), at('.x.0123456789ab.tmp')];
    const away = at('.x.png.1-2-00000000.0123456789ab.tmp');
    for (const path of [...others, away]) writeFileSync(path, '');
    await withOutputs({}, work);
    for (const path of left) expect(existsSync(path)).toBe(false);
    for (const path of [...others, away]) expect(existsSync(path)).toBe(true);
    // Nor does a wrong clock here make a file old that is of now by the clock of the folder.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * 86_400_000 });
    await withOutputs({}, work).finally(() => vi.useRealTimers());
    expect(existsSync(away)).toBe(true);
    // Of a process of another machine nobody knows; a day is more than any file takes.
    utimesSync(away, 1, 1);
    await withOutputs({}, work);
    expect(existsSync(away)).toBe(false);
  });
});
