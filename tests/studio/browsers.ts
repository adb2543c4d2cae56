import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Browser, launch, type Page } from 'puppeteer-core';

/* Browsers besides Chromium: Firefox by WebDriver BiDi, WebKit as GTK has it by WebDriver. Neither needs a screen of its own. */

/** What a person does in a page, and what there is to be read. */
export interface DrivenPage {
  open(address: string): Promise<void>;
  /** The value of an expression. */
  read(expression: string): Promise<unknown>;
  click(selector: string): Promise<void>;
  /** Chooses files in a field for them. */
  choose(selector: string, file: string): Promise<void>;
  close(): Promise<void>;
}

export interface OtherBrowser {
  readonly name: string;
  /** What to install where it is missing; undefined where it is there. */
  readonly missing: string | undefined;
  start(): Promise<DrivenPage>;
}

const firefoxPath = [process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox'].find(
  (path) => path && existsSync(path),
);

export const firefox: OtherBrowser = {
  name: 'Firefox',
  missing: firefoxPath ? undefined : 'firefox-esr',
  async start() {
    const browser: Browser = await launch({
      browser: 'firefox',
      executablePath: firefoxPath!,
      headless: true,
      timeout: 120_000,
    });
    const page: Page = await browser.newPage();
    await page.setViewport({ width: 1280, height: 900 });
    return {
      open: async (address) => void (await page.goto(address)),
      read: (expression) => page.evaluate(expression),
      click: (selector) => page.locator(selector).click(),
      async choose(selector, file) {
        const field = await page.waitForSelector(selector);
        await (field as import('puppeteer-core').ElementHandle<HTMLInputElement>).uploadFile(file);
      },
      close: () => browser.close(),
    };
  },
};

const needed = ['/usr/bin/WebKitWebDriver', '/usr/bin/Xvfb'];

export const webkit: OtherBrowser = {
  name: 'WebKitGTK',
  missing: needed.every((path) => existsSync(path)) ? undefined : 'webkit2gtk-driver and xvfb',
  async start() {
    const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x1000x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const display = await new Promise<string>((resolve, reject) => {
      screen.stdout.once('data', (text) => resolve(String(text).trim()));
      screen.once('exit', () => reject(new Error('Xvfb has ended')));
    });
    const port = await freePort();
    const driver = spawn('WebKitWebDriver', [`--port=${port}`], {
      stdio: 'ignore',
      // As root there is no sandbox to be had.
      env: { ...process.env, DISPLAY: `:${display}`, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' },
    });
    const end = async () => {
      await ended(driver);
      await ended(screen);
    };
    try {
      return await webdriverPage(`http://127.0.0.1:${port}`, end);
    } catch (error) {
      await end();
      throw error;
    }
  },
};

/** A page through a WebDriver server: https://www.w3.org/TR/webdriver2/ */
async function webdriverPage(server: string, end: () => Promise<void>): Promise<DrivenPage> {
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${server}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
    const { value } = (await response.json()) as { value: unknown };
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(value)}`);
    return value;
  };
  for (let tries = 0; ; tries++) {
    try {
      await ask('GET', '/status');
      break;
    } catch (error) {
      if (tries > 100) throw error;
      await pause(100);
    }
  }
  const { sessionId } = (await ask('POST', '/session', { capabilities: {} })) as { sessionId: string };
  const session = `/session/${sessionId}`;
  /** WebDriver's name for a reference to an element. */
  const reference = 'element-6066-11e4-a52e-4f735466cecf';
  const find = async (selector: string) => {
    const found = await ask('POST', `${session}/element`, { using: 'css selector', value: selector });
    return `${session}/element/${(found as Record<string, string>)[reference]}`;
  };
  return {
    open: async (address) => void (await ask('POST', `${session}/url`, { url: address })),
    read: (expression) =>
      ask('POST', `${session}/execute/sync`, { script: `return (${expression});`, args: [] }),
    click: async (selector) => void (await ask('POST', `${await find(selector)}/click`, {})),
    choose: async (selector, file) =>
      void (await ask('POST', `${await find(selector)}/value`, { text: file, value: [file] })),
    async close() {
      await ask('DELETE', session).catch(() => undefined);
      await end();
    },
  };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await exit;
}

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
