import {
  bytesAccess,
  encodedDatum,
  imageDatum,
  openLmdb,
  parseFold,
  parseImageList,
  parseManifest,
  planesImage,
  readDatum,
} from '../../../src/data/index.ts';
import { image, readNpy, readRawHeatmap, writeNpy, writeRawHeatmap } from '../../../src/image/index.ts';
import { decodeBytes, measureBytes } from '../../../src/image/pixels/decode.node.ts';
import { databaseFile } from '../../data/databasefile.ts';
import { noise } from '../../nets.ts';
import { FILE, type Format, seed, textOf, utf8 } from '../format.ts';

const picture = image(3, 4);
const records = (count: number, bytes: number) =>
  Array.from({ length: count }, (_, i) => ({
    key: utf8(`${String(i).padStart(8, '0')}_a.jpg`),
    value: i % 3 ? imageDatum(picture, i % 8) : new Uint8Array(bytes).fill(i),
  }));

const ints = writeNpy(noise([2, 3, 2, 2], 1));
const header = (descr: string, shape: string, order = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
/** A file of version 1 with this header and so many bytes of zeros. */
const npy = (text: string, bytes: number) =>
  Uint8Array.from([
    ...[0x93, ...utf8('NUMPY'), 1, 0, text.length & 255, text.length >> 8, ...utf8(text)],
    ...new Uint8Array(bytes),
  ]);

const fold = [
  'user_id\toriginal_image\tface_id\tage\tgender\tx\ty\tdx\tdy\ttilt_ang\tfiducial_yaw_angle\tfiducial_score',
  'a@N00\tb.jpg\t7\t(25, 32)\tf\t0\t1\t2\t3\t0\t0\t5',
  'c\td.jpg\t1\tNone\t\t0\t1\t2\t3\t-15\t45\t5',
  '',
].join('\n');

export const dataFormats: readonly Format[] = [
  {
    name: 'image',
    structure: 'bytes',
    seeds: ['jpg', 'png', 'webp', 'gif', 'tiff', 'avif'].map((ending) => seed(`photo.${ending}`)),
    async read(bytes) {
      await measureBytes(bytes, FILE);
      await decodeBytes(bytes, FILE, 1e6);
    },
  },
  {
    name: 'npy',
    structure: 'bytes',
    words: ["'<f4'", "'>f8'", "'|b1'", "'<i8'", "'|O'", 'True', '(2, 3)', '(,)'],
    seeds: [
      ints,
      npy(header('<f8', '(2, 3)', 'True'), 48),
      npy(header('>i8', '(3,)'), 24),
      npy(header('|u1', '()'), 1),
      npy(header('<f2', '(1, 4)'), 8),
    ],
    read: (bytes) => readNpy(bytes, FILE),
  },
  {
    name: 'rawhm',
    structure: 'text',
    seeds: [utf8(writeRawHeatmap(noise([1, 3, 3, 4], 5)))],
    read: (bytes) => readRawHeatmap(textOf(bytes), FILE),
  },
  {
    name: 'lmdb',
    structure: 'pages',
    seeds: [
      databaseFile(records(6, 40)),
      databaseFile(records(60, 5000)),
      databaseFile(records(150, 700), 20),
    ],
    async read(bytes) {
      const database = await openLmdb(bytesAccess(bytes), FILE);
      let read = 0;
      for await (const { value } of database.iterate()) {
        await value();
        if (++read > 1000) break;
      }
      for (const { key } of records(3, 0)) await database.get(key);
    },
  },
  {
    name: 'datum',
    structure: 'protobuf',
    seeds: [imageDatum(picture, 3), encodedDatum(seed('photo.png'), 2)],
    read(bytes) {
      const { content } = readDatum(bytes, FILE);
      if (content.kind === 'planes') planesImage(content, FILE);
    },
  },
  {
    name: 'manifest',
    structure: 'text',
    words: ['path', 'age', 'gender', '"', '""', ',', ';', '\t', '\r\n'],
    seeds: [
      utf8('file,age,race,note\r\na.jpg,"(25, 32)",1,"says ""hi"",\nlong"\r\nb.jpg,,2,\r\n'),
      utf8('n;path;gender\n1;x.png;male\n2;y.png;female\n'),
    ],
    read: (bytes) => parseManifest(textOf(bytes), FILE),
  },
  {
    name: 'list',
    structure: 'text',
    seeds: [utf8('a/b.jpg 0\nwith space.png 7\r\n\nc.jpg\t12\n')],
    read: (bytes) => parseImageList(textOf(bytes), FILE),
  },
  {
    name: 'fold',
    structure: 'text',
    words: ['\t', 'None', 'm', 'f', 'u', '(0, 2)'],
    seeds: [utf8(fold)],
    read: (bytes) => parseFold(textOf(bytes), 0, FILE),
  },
];
