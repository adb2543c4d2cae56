import { saveExplanations } from 'limn/verbs';
import { pageFiles, webHost } from 'limn/web';

/* A page that explains a folder of photos. The request is the one that `limn explain` makes; only the host differs. */

const find = <T extends Element>(selector: string): T => document.querySelector<T>(selector) as T;
const [form, bar, output] = [
  find<HTMLFormElement>('form'),
  find<HTMLProgressElement>('progress'),
  find('output'),
];

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const asked = new FormData(form);
  const model = asked.get('model') as File;
  const photos = (asked.getAll('photos') as File[]).filter(({ type }) => type.startsWith('image/'));
  const files = pageFiles([model, ...photos]);
  const host = webHost({ files, wasmPaths: new URL('ort/', location.href).href });
  find('#figures').replaceChildren();
  output.textContent = '';
  bar.hidden = false;
  try {
    const request = {
      model: model.name,
      photos: photos.map((photo) => photo.webkitRelativePath || photo.name),
      target: String(asked.get('target')),
      output: 'explained',
    };
    const { explanation } = await saveExplanations(request, host, {
      on(event) {
        if (event.kind === 'progress') Object.assign(bar, { value: event.done, max: event.total });
        else if (event.kind === 'note') output.textContent = event.text;
        else if ('error' in event.photo) show(event.photo.error);
        else show(event.photo.photo, files.written.get(event.photo.files.figure ?? ''));
      },
    });
    output.textContent = explanation?.summary ?? 'no photo could be explained';
  } catch (error) {
    output.textContent = error instanceof Error ? error.message : String(error);
  }
  bar.hidden = true;
});

/** Adds a figure with its caption, or what is wrong with a photo. */
function show(caption: string, png?: Uint8Array): void {
  const figure = document.createElement('figure');
  const text = document.createElement('figcaption');
  text.textContent = caption;
  if (png) {
    const image = new Image();
    image.src = URL.createObjectURL(new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }));
    image.alt = `what speaks for the answer in ${caption}, and what against it`;
    figure.append(image);
  } else text.className = 'error';
  figure.append(text);
  find('#figures').append(figure);
}
