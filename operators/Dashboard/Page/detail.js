// One object from near by: its fields, its conditions and the tree of what it made.
import { make } from './dom.js';
import { ask, pathOf } from './api.js';
import { ago, exact } from './format.js';
import { state } from './tables.js';

const panel = document.getElementById('detail');
let open = null, from = null, shown = '';

function node(item, level) {
  const title = make('span', { class: 'title' }, item.name || 'not shown', item.namespace && level === 1 ? make('span', { class: 'quiet' }, ` in ${item.namespace}`) : null);
  const line = make('div', { class: 'node' }, make('span', { class: 'kind' }, item.kind), title, item.state ? state(item.state) : make('span'), item.message ? make('span', { class: 'message' }, item.message) : null);
  const children = item.children ?? [];
  return make('li', { role: 'treeitem', tabindex: -1, 'aria-level': level, 'aria-expanded': children.length > 0 ? 'true' : null, 'data-node': `${level}/${item.kind}/${item.namespace}/${item.name}` },
    line, children.length > 0 ? make('ul', { role: 'group' }, ...children.map(child => node(child, level + 1))) : null);
}

function tree(items) {
  const root = make('ul', { role: 'tree', 'aria-label': 'Objects' }, ...items.map(item => node(item, 1)));
  if (root.firstElementChild) root.firstElementChild.tabIndex = 0;
  const visible = () => [...root.querySelectorAll('[role="treeitem"]')].filter(one => one.checkVisibility());
  const go = to => { if (!to) return; root.querySelectorAll('[tabindex="0"]').forEach(one => { one.tabIndex = -1; }); to.tabIndex = 0; to.focus(); };
  root.addEventListener('keydown', event => {
    const at = event.target.closest('[role="treeitem"]'), all = visible(), index = all.indexOf(at);
    if (index < 0) return;
    const parent = at.parentElement.closest('[role="treeitem"]'), expanded = at.getAttribute('aria-expanded');
    const moves = {
      ArrowDown: () => go(all[index + 1]), ArrowUp: () => go(all[index - 1]), Home: () => go(all[0]), End: () => go(all.at(-1)),
      ArrowRight: () => expanded === 'false' ? at.setAttribute('aria-expanded', 'true') : expanded === 'true' && go(all[index + 1]),
      ArrowLeft: () => expanded === 'true' ? at.setAttribute('aria-expanded', 'false') : go(parent),
      Enter: () => expanded && at.setAttribute('aria-expanded', expanded === 'true' ? 'false' : 'true'),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    moves[event.key]();
  });
  root.addEventListener('click', event => {
    const at = event.target.closest('[role="treeitem"]');
    if (!at) return;
    const expanded = at.getAttribute('aria-expanded');
    if (expanded) at.setAttribute('aria-expanded', expanded === 'true' ? 'false' : 'true');
    go(at);
  });
  return root;
}

function fill(item) {
  const fields = (item.fields ?? []).filter(field => field.value || field.time).flatMap(field => [make('dt', {}, field.name), make('dd', { title: exact(field.time) }, field.time ? ago(field.time) : field.value)]);
  const focused = document.activeElement?.dataset?.node, closed = new Set([...panel.querySelectorAll('[aria-expanded="false"]')].map(one => one.dataset.node)), scroll = panel.scrollTop;
  const back = panel.contains(document.activeElement);
  panel.replaceChildren(
    make('header', {}, make('div', {}, make('div', { class: 'quiet' }, `${item.kind}${item.namespace ? ` in ${item.namespace}` : ''}`), make('h2', { id: 'detail-title' }, item.name), item.state ? state(item.state) : null),
      make('button', { type: 'button', class: 'icon', 'aria-label': 'Close', title: 'Close (Esc)', onclick: close }, cross())),
    make('dl', {}, ...fields),
    ...((item.tree ?? []).length > 0 ? [make('h3', {}, item.kind === 'KubeTemplatePolicy' ? 'What it allows' : 'Objects'), tree(item.tree)] : []),
    ...((item.conditions ?? []).length > 0 ? [make('h3', {}, 'Conditions'), make('dl', {}, ...item.conditions.flatMap(one => [make('dt', {}, one.type), make('dd', {}, `${one.status}${one.reason ? ` · ${one.reason}` : ''}${one.message ? `\n${one.message}` : ''}`)]))] : []));
  for (const one of panel.querySelectorAll('[role="treeitem"]')) {
    if (closed.has(one.dataset.node)) one.setAttribute('aria-expanded', 'false');
    if (focused && one.dataset.node === focused) one.focus();
  }
  if (back && !panel.contains(document.activeElement)) panel.querySelector('button').focus();
  panel.scrollTop = scroll;
}

const cross = () => make('svg:svg', { viewBox: '0 0 16 16', 'aria-hidden': true }, make('svg:path', { d: 'M3.500 3.500l9 9m0-9l-9 9' }));

export function close() {
  if (location.hash.startsWith('#/')) history.pushState(null, '', location.pathname);
  hide();
}

function hide() {
  panel.hidden = true;
  open = null;
  shown = '';
  from?.focus();
  from = null;
}

export async function refresh() {
  const wanted = open;
  if (!wanted) return;
  const answer = await ask(`objects/${wanted}`);
  if (open !== wanted) return;
  const item = answer ?? { kind: decodeURIComponent(wanted.split('/')[0]), namespace: decodeURIComponent(wanted.split('/')[1] ?? ''), name: decodeURIComponent(wanted.split('/')[2] ?? ''), fields: [{ name: 'Status', value: 'There is no such object any more.' }] };
  const text = JSON.stringify(item);
  if (text !== shown) fill(item);
  shown = text;
}

export async function follow(report) {
  if (!location.hash.startsWith('#/')) {
    if (open) hide();
    return;
  }
  const first = !open;
  open = location.hash.slice(2);
  if (first) from = document.activeElement === document.body ? null : document.activeElement;
  try {
    await refresh();
    panel.hidden = false;
    if (first) panel.querySelector('button')?.focus();
  } catch (error) {
    report(error);
  }
}

export const isOpen = () => open !== null;
