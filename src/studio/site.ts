/* Where the page's own files lie, relative to the page, whatever the host and the path. */

const page = new URL('.', document.baseURI);

/** Of the folder that `limn studio` serves; a static site has none. */
const token = new URL(location.href).searchParams.get('token');

/** The address of a file of the site. */
export const siteAddress = (path: string): string => new URL(path, page).href;

/** The address of something that the server behind the page answers. */
export function serverAddress(path: string): string {
  const address = new URL(path, page);
  if (token !== null) address.searchParams.set('token', token);
  return address.href;
}

/** Has the browser keep the site of a static host, for visits without a network. A host that serves a folder is at hand. */
export async function keepSite(): Promise<void> {
  if (token !== null || !import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  // A browser that allows none (a private window, an address without https) shows the page all the same.
  await navigator.serviceWorker.register(siteAddress('serviceworker.js')).catch(() => undefined);
}
