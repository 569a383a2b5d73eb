// The first page: what there is, how it goes, and what somebody should look at.
import { keyed, make, setText } from './dom.js';
import { ago, bytes, duration, exact, number, tone } from './format.js';
import { charts } from './charts.js';
import { message, state, table } from './tables.js';

function figures(title, onPhase) {
  const total = make('div', { class: 'total' }), bar = make('div', { class: 'bar', 'aria-hidden': true }), chips = make('div', { class: 'chips' });
  const card = make('section', { class: 'card half' }, make('header', {}, make('h2', {}, title)), make('div', { class: 'figures' }, total, bar, chips));
  return {
    card,
    show(count, phases) {
      setText(total, count.toLocaleString('en'));
      const all = Object.entries(phases);
      keyed(bar, all.filter(([, many]) => many > 0), ([phase]) => phase, ([phase]) => make('i', { class: tone(phase) }), (element, [, many]) => { element.style.flexGrow = many; });
      keyed(chips, all, ([phase]) => phase,
        ([phase]) => make(onPhase ? 'button' : 'span', { class: 'chip', type: onPhase ? 'button' : null, onclick: onPhase ? () => onPhase(phase) : () => {} }, make('i', { class: `dot ${tone(phase)}` }), phase, make('b')),
        (element, [, many]) => { element.classList.toggle('none', many === 0); setText(element.lastElementChild, many.toLocaleString('en')); });
    },
  };
}

const template = item => ({ ...item, kind: 'KubeTemplate' });

export function overview(onPhase) {
  const live = charts();
  const templates = figures('Templates', onPhase), databases = figures('Databases');
  const failing = table('Failing templates', 'wide', [
    { title: 'Template' },
    { title: 'State', value: item => state(item.phase) },
    { title: 'Why', class: 'text', value: item => message(item.reason, item.message?.replace(/^Error: /, '')) },
    { title: 'Tries', class: 'number optional', value: item => item.retries > 0 ? String(item.retries) : '' },
    { title: 'When', class: 'time', value: item => ago(item.at), exact: item => exact(item.at) },
  ], 'No template fails.');
  const drift = table('Drift log', 'narrow', [
    { title: 'Template' },
    { title: 'Times', class: 'number', value: item => String(item.count) },
    { title: 'When', class: 'time', value: item => ago(item.at), exact: item => exact(item.at) },
  ], 'Nobody has changed what templates made.', item => `${item.namespace}/${item.name}/${item.at}/${item.count}`);
  const slowest = table('Slowest templates', 'half', [
    { title: 'Template' },
    { title: 'State', value: item => state(item.phase) },
    { title: 'Objects', class: 'number optional', value: item => `${item.synced} of ${item.resources}` },
    { title: 'From change to done', class: 'number', value: item => item.took < 1 ? 'under 1 s' : duration(item.took) },
    { title: 'When', class: 'time optional', value: item => ago(item.at), exact: item => exact(item.at) },
  ], 'No template has been processed yet.');
  const policies = table('Policies', 'half', [
    { title: 'Policy' },
    { title: 'State', value: item => state(item.active === undefined ? 'New' : item.active ? 'Active' : 'Inactive') },
    { title: 'For namespace', class: 'optional', value: item => item.sourceNamespace },
    { title: 'Mode', class: 'optional', value: item => item.enforcement },
    { title: 'Templates', class: 'number', value: item => number(item.templates) },
    { title: 'Denials', class: 'number', value: item => number(item.denied) },
  ], 'There is no policy.');
  const servers = table('Databases', 'wide', [
    { title: 'Database' },
    { title: 'State', value: item => state(item.phase) },
    { title: 'Servers', class: 'number', value: item => `${item.readyReplicas} of ${item.replicas}` },
    { title: 'Primary', class: 'optional', value: item => item.primary ?? '' },
    { title: 'Lag', class: 'number', value: item => item.standbys.length > 0 ? `${Math.max(...item.standbys.map(one => one.lagMebibytes))} MiB` : item.replicas > 1 ? 'no standby' : '–' },
    { title: 'Last copy', class: 'time', value: item => item.lastCopy ? item.lastCopy.at ? ago(item.lastCopy.at) : item.lastCopy.phase : 'none', exact: item => exact(item.lastCopy?.at) },
    { title: 'Why', class: 'text optional', value: item => item.ready ? '' : message(item.reason, item.message) },
  ], 'There is no Database.');
  const copies = table('Backups and restores', 'narrow', [
    { title: 'Name' },
    { title: 'State', value: item => state(item.phase) },
    { title: 'Size', class: 'number', value: item => bytes(item.sizeBytes) },
    { title: 'When', class: 'time', value: item => ago(item.at) || (item.schedule ?? ''), exact: item => exact(item.at) },
  ], 'There is none.');

  let shape = '';
  return {
    live,
    show(content, data) {
      const wanted = `${Boolean(data.templates)}${Boolean(data.policies)}${Boolean(data.databases)}`;
      if (wanted !== shape || !live.cards[0].isConnected) {
        shape = wanted;
        content.replaceChildren(
          ...(data.templates ? [templates.card] : []),
          ...(data.databases ? [databases.card] : []),
          ...live.cards,
          ...(data.templates ? [failing.card, drift.card, slowest.card] : []),
          ...(data.policies ? [policies.card] : []),
          ...(data.databases ? [servers.card, copies.card] : []));
        for (const one of [templates.card, databases.card]) one.className = `card ${data.templates && data.databases ? 'half' : 'full'}`;
      }
      if (data.templates) {
        templates.show(data.templates.total, data.templates.phases);
        failing.show(data.templates.failing.map(template), (data.templates.phases.Failed ?? 0) + (data.templates.phases.Paused ?? 0));
        slowest.show(data.templates.slowest.map(template));
        drift.show(data.templates.drift.map(template));
      }
      if (data.policies) policies.show(data.policies.items.map(item => ({ ...item, kind: 'KubeTemplatePolicy' })), data.policies.total);
      if (data.databases) {
        databases.show(data.databases.total, data.databases.phases);
        servers.show(data.databases.items.map(item => ({ ...item.facts, lastCopy: item.lastCopy, kind: 'Database' })), data.databases.total);
        // A copy leads to its Database, which shows all of them.
        copies.show(data.databases.copies.items.map(item => ({ ...item, of: item.kind, kind: item.kind })), data.databases.copies.total);
      }
    },
  };
}
