import { beforeAll, describe, expect, it } from 'vitest';
import { fixtures, limn } from './limn.ts';

let dir = '';
beforeAll(async () => {
  dir = await fixtures();
});

const explain = 'explain net.onnx photo.png';

describe('a name that does not exist', () => {
  it.each([
    ['help nonsense', /^limn: command 'nonsense': there is none of this name; known: import, inspect, /],
    ['help explane', /did you mean explain\?/],
    [
      'import cafe --help',
      /^limn: command 'cafe': .*did you mean caffe\? known: caffe, onnx, hf, tfjs, toolbox, face-api/,
    ],
    [`${explain} --method gradcam`, /--method.*'gradcam' is invalid: did you mean grad-cam\? known: lrp, /],
    [`${explain} --composite epsilon_plus`, /did you mean epsilon-plus\?/],
    [`${explain} --colors seismc`, /did you mean seismic\?/],
    [`${explain} --raw npyy`, /did you mean npy\?/],
    ['import onnx net.onnx --preset imagenet1k_v1 -o x.onnx', /--preset/],
    ['faithfulness net.onnx photo.png --methods gradcam', /gradcam.*did you mean grad-cam\?/],
  ])('%s', async (call, line) => {
    const { code, stdout, stderr } = await limn(call.split(' '), dir);
    expect(stderr).toMatch(line);
    expect(stderr).toMatch(/^limn: [^\n]+\n$/);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });
});

it('help of a command within another is that of the command', async () => {
  expect((await limn(['help', 'import', 'caffe'])).stdout).toMatch(/^Usage: limn import caffe /);
});

describe('how much is said', () => {
  it('verbose: what it took; quiet: results and errors alone', async () => {
    const loud = await limn(['classify', 'net.onnx', 'photo.png', '--verbose'], dir);
    expect(loud.stderr).toMatch(/^limn: [\d.]+ m?s, \d+ MB of memory at most\n$/);
    const quiet = await limn(['-q', 'classify', 'net.onnx', 'photo.png', 'none.png'], dir);
    expect(quiet.stderr).toBe('limn: none.png: no such file or folder; check the path\n');
    expect(quiet.stdout).toBe(loud.stdout);
  });

  it.each([
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
    [{ NO_COLOR: '1' }, false],
    [{}, false],
  ])('in colours or not: %j', async (env, colours) => {
    const { stderr } = await limn(['inspect', 'none.onnx'], dir, env);
    expect(stderr.startsWith('\x1b[31mlimn:\x1b[39m none.onnx: ')).toBe(colours);
    expect(stderr.startsWith('limn: none.onnx: ')).toBe(!colours);
  });
});
