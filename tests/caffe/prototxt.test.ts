import { equals } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DataParameter_DB,
  NetParameterSchema,
  Phase,
  PoolingParameter_PoolMethod,
  parsePrototxt,
  parseSolver,
  place,
  positionOf,
  V1LayerParameter_LayerType,
  writePrototxt,
} from '../../src/caffe/index.ts';

const parse = (text: string) => parsePrototxt(text, 'net.prototxt');
const layer = (body: string) => parse(`layer { ${body} }`).layer[0];

describe('prototxt', () => {
  it('reads both layer formats, comments and separators', () => {
    const net = parse(`
      name: "n" # a comment { with: "brackets"
      layer { name: 'a', type: "ReLU"; bottom: "x" top: "x" }
      layers < name: "b" type: CONVOLUTION convolution_param { num_output: 3 } >
    `);
    expect(net.name).toBe('n');
    expect(net.layer[0]).toMatchObject({ name: 'a', type: 'ReLU', bottom: ['x'] });
    expect(net.layers[0].type).toBe(V1LayerParameter_LayerType.CONVOLUTION);
    expect(net.layers[0].convolutionParam?.numOutput).toBe(3);
  });

  it('reads messages with a colon, lists, and enums by name and number', () => {
    const read = layer(`include: { phase: TEST } bottom: ["a", 'b'] top: []
      param: [{ lr_mult: 2 }, < decay_mult: 0 >] pooling_param { pool: 1 } data_param { backend: LMDB }`);
    expect(read.include[0].phase).toBe(Phase.TEST);
    expect(read.bottom).toEqual(['a', 'b']);
    expect(read.top).toEqual([]);
    expect(read.param.map((p) => [p.lrMult, p.decayMult])).toEqual([
      [2, 1],
      [1, 0],
    ]);
    expect(read.poolingParam?.pool).toBe(PoolingParameter_PoolMethod.AVE);
    expect(read.dataParam?.backend).toBe(DataParameter_DB.LMDB);
  });

  it.each([
    ['"a" \'b\'\n"c"', 'abc'],
    ['"\\n\\t\\"\\\'\\\\"', '\n\t"\'\\'],
    ['"\\303\\251\\xc3\\xa9\\u00e9\\U0001F600"', 'ééé😀'],
    ['"# no comment"', '# no comment'],
  ])('reads the string %s', (written, value) => {
    expect(parse(`name: ${written}`).name).toBe(value);
  });

  it.each([
    ['1', 1],
    ['- 1.5e2', -150],
    ['.5f', 0.5],
    ['2.', 2],
    ['0x10', 16],
    ['inf', Number.POSITIVE_INFINITY],
    ['-Infinity', Number.NEGATIVE_INFINITY],
    ['nan', Number.NaN],
    ['0.1', Math.fround(0.1)],
  ])('reads the float %s', (written, value) => {
    expect(parseSolver(`base_lr: ${written}`, 's').baseLr).toBe(value);
  });

  it.each([
    ['12', 12],
    ['0x1F', 31],
    ['017', 15],
    ['-3', -3],
    ['-0x80000000', -(2 ** 31)],
  ])('reads the integer %s', (written, value) => {
    expect(parse(`input_dim: ${written}`).inputDim).toEqual([value]);
  });

  it('reads bools in all their spellings', () => {
    const read = layer('propagate_down: [true, True, t, 1, false, False, f, 0]').propagateDown;
    expect(read).toEqual([true, true, true, true, false, false, false, false]);
  });

  it('gives the format its defaults', () => {
    expect(layer('lrn_param {}').lrnParam).toMatchObject({ localSize: 5, alpha: 1, beta: 0.75, k: 1 });
  });

  it('knows where each message stood', () => {
    const net = parse('name: "x"\n  layer {\n    param { }\n  }\n');
    expect(place(positionOf(net.layer[0])!)).toBe('net.prototxt:2:3');
    expect(place(positionOf(net.layer[0].param[0])!)).toBe('net.prototxt:3:5');
  });

  it('reads blobs written as text', () => {
    const blob = layer('blobs { shape { dim: 2 } data: 0.5 data: -1 double_data: [3] }').blobs[0];
    expect(blob.data).toEqual(new Uint8Array(Float32Array.of(0.5, -1).buffer));
    expect(blob.doubleData).toEqual(new Uint8Array(Float64Array.of(3).buffer));
  });

  it.each([
    ['layer {\n  kind: "x"\n}', '2:3: unknown field kind in LayerParameter'],
    [
      'layer { convolution_param { kernal_size: 3 } }',
      '1:29: unknown field kernal_size in ConvolutionParameter; did you mean kernel_size?',
    ],
    [
      'layer { pooling_param { pool: max } }',
      '1:31: pool must be one of MAX, AVE, STOCHASTIC, got max; did you mean MAX?',
    ],
    ['layer { pooling_param { pool: 7 } }', '1:31: pool must be one of MAX, AVE, STOCHASTIC, got 7'],
    ['name: 3', '1:7: name must be a string, got 3; put it in quotes'],
    ['input_dim: 3.5', '1:12: input_dim must be a whole number, got 3.5'],
    [
      'input_dim: 4294967296',
      '1:12: input_dim must be a number from -2147483648 to 2147483647, got 4294967296',
    ],
    ['input_dim: 08', '1:12: input_dim must be octal digits after a leading 0, got 08'],
    [
      'layer { lrn_param { local_size: -1 } }',
      '1:33: local_size must be a number from 0 to 4294967295, got -1',
    ],
    ['force_backward: yes', '1:17: force_backward must be true or false, got yes'],
    ['layer: "conv1"', '1:8: layer must be a message; write layer { … }'],
    ['name "x"', '1:6: expected ":" or "{" after name, got "x"'],
    ['name: "a"\nname: "b"', '2:1: name is given twice in NetParameter; keep one of them'],
    ['layer {\n name: "a"', '1:7: this { is never closed; add the missing }'],
    ['layer { name: "a" >', '1:19: expected a field name, got >'],
    ['name: "a', '1:7: this string lacks its closing "'],
    ['name: "ab\\q"', '1:10: unknown escape "\\\\q" in a string'],
    ['input_dim: 3input: "x"', '1:13: unexpected "input" after the number 3; put a space between'],
    ['input: [1 2]', '1:11: expected "," or "]", got 2'],
    ['input: ["a" 2]', '1:13: expected "," or "]", got 2'],
    ['\u0001', '1:1: unexpected character "\\u0001"; this is no text file: pass a prototxt here'],
    ['layer {'.repeat(200), '1:'],
  ])('explains what is wrong in %j', (text, message) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'LimnError' }));
    expect(() => parse(text)).toThrow(`net.prototxt:${message}`);
  });

  it('ignores a byte order mark and Windows line ends', () => {
    expect(parse('\uFEFFname: "a"\r\ninput: "b"\r\n')).toMatchObject({ name: 'a', input: ['b'] });
  });
});

describe('what is wrong with a prototxt', () => {
  /** Lines of a layer of the older format, and what is wrong with each. */
  const lines = [
    ['type: CONVOLUTION', undefined],
    ['bottom: "data"', undefined],
    ['type: LOCAL', 'layers of type LOCAL are not supported'],
    ['blob_lr: 1', 'unknown field blob_lr in V1LayerParameter'],
    ['name: 3', 'name must be a string, got 3'],
    ['convolution_param { kernelsize: 3 }', 'unknown field kernelsize in ConvolutionParameter'],
    [
      'convolution_param { num_output: 1 num_output: 2 }',
      'num_output is given twice in ConvolutionParameter',
    ],
    ['pooling_param { pool: MIN }', 'pool must be one of MAX, AVE, STOCHASTIC, got MIN'],
  ] as const;

  it('is told at once, by what it is, and where', () => {
    const line = fc.nat(lines.length - 1);
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), (chosen) => {
        const text = chosen.map((i) => `layers { ${lines[i][0]} }\n`).join('');
        const wrong = chosen.flatMap((i, at) => (lines[i][1] ? [{ what: lines[i][1], line: at + 1 }] : []));
        let message = '';
        try {
          parsePrototxt(text, 'net');
        } catch (error) {
          message = (error as Error).message;
        }
        expect(message === '').toBe(wrong.length === 0);
        if (wrong.length === 1) expect(message).toContain(`: ${wrong[0].what}`);
        if (wrong.length === 1) expect(message).toMatch(new RegExp(`^net:${wrong[0].line}:\\d+: `));
        if (wrong.length < 2) return;
        expect(message).toContain(`net: ${wrong.length} places cannot be read, each line:column: `);
        for (const { what, line: at } of wrong) {
          const of = wrong.filter((each) => each.what === what);
          const times = of.length > 1 ? `${of.length} times: ` : '';
          expect(message).toContain(`${what} (${times}${of[0].line}:`);
          if (of.findIndex((each) => each.line === at) < 3)
            expect(message).toMatch(new RegExp(`[( ]${at}:\\d+[,):]`));
        }
      }),
    );
  });
});

describe('the prototxt writer', () => {
  it('writes what Caffe writes', () => {
    const text = `name: "say \\"hi\\"\\n"
layer {
  name: "c"
  type: "Convolution"
  include {
    phase: TEST
  }
  convolution_param {
    kernel_size: 3
    kernel_size: 5
    weight_filler {
      std: 0.01
    }
  }
}
`;
    expect(writePrototxt(parse(text))).toBe(text);
  });

  it('writes every float32 so that it reads back the same', () => {
    fc.assert(
      fc.property(fc.float(), (value) => {
        const net = parse('layer { loss_weight: 0 }');
        net.layer[0].lossWeight = [value];
        expect(parse(writePrototxt(net)).layer[0].lossWeight).toEqual([value]);
      }),
    );
  });

  it('writes every string and blob so that it reads back the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.float32Array(), (name, numbers) => {
        const net = parse('layer { blobs { } }');
        net.name = name;
        const data = new Uint8Array(numbers.map((v) => (Number.isNaN(v) ? 0 : v)).buffer);
        if (data.length > 0) net.layer[0].blobs[0].data = data;
        expect(equals(NetParameterSchema, parse(writePrototxt(net)), net)).toBe(true);
      }),
    );
  });
});
