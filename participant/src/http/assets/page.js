// Looks again every few seconds while somebody looks, and leaves open what was opened. Without this script the page is the same.
const EVERY_MS = 3000;

function keysOf(selector) {
  return new Set([...document.querySelectorAll(selector)].map((node) => node.dataset.key));
}

function replace(text) {
  const next = new DOMParser().parseFromString(text, 'text/html').querySelector('main');
  if (next === null) throw new Error('another page');
  const open = keysOf('details[open]');
  const focused = document.activeElement?.closest('details')?.dataset.key;
  for (const details of next.querySelectorAll('details')) details.open = open.has(details.dataset.key);
  document.querySelector('main').replaceWith(next);
  if (focused === undefined) return;
  const again = [...next.querySelectorAll('details')].find((details) => details.dataset.key === focused);
  again?.querySelector('summary').focus({ preventScroll: true });
}

function say(text) {
  document.querySelector('#live').textContent = text;
}

async function look() {
  if (document.visibilityState !== 'visible' || document.getSelection()?.type === 'Range') return;
  try {
    const answer = await fetch(location.href, { cache: 'no-store' });
    if (!answer.ok)
      return say(
        answer.status === 403
          ? 'This address has expired: status --page gives another.'
          : 'The agent has trouble.',
      );
    replace(await answer.text());
    say('Live.');
  } catch {
    say('The agent does not answer.');
  }
}

async function follow() {
  await look();
  setTimeout(follow, EVERY_MS);
}

say('Live.');
setTimeout(follow, EVERY_MS);
