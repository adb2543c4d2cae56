import type { Image } from '../../image/index.ts';
import type { Images } from '../../verbs/host.ts';

/** Decodes the photo that was decoded last no second time: what the network says of a photo, and why, are asked one after the other. */
export function keptPhoto(images: Images): Images {
  let last: { readonly bytes: Uint8Array; readonly photo: Promise<Image> } | undefined;
  return {
    ...images,
    decode(bytes, name) {
      if (last?.bytes === bytes) return last.photo;
      const decoding = { bytes, photo: images.decode(bytes, name) };
      last = decoding;
      decoding.photo.catch(() => {
        if (last === decoding) last = undefined;
      });
      return decoding.photo;
    },
  };
}
