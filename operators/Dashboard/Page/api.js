// Asks this page's own server. The token stays in this tab: not in a cookie, which every port of this machine would be sent.

const place = 'capstan-dashboard-token';

const given = new URLSearchParams(location.hash.slice(1)).get('token');
if (given) {
  sessionStorage.setItem(place, given);
  history.replaceState(null, '', location.pathname);
}

export class Refused extends Error {
  constructor(status) {
    super(status === 403 ? 'This token may not see the dashboard.' : 'A token is needed.');
    this.status = status;
  }
}

export const remember = token => sessionStorage.setItem(place, token);

export async function ask(path, patience = 12000) {
  const token = sessionStorage.getItem(place);
  const answer = await fetch(`data/${path}`, { headers: token ? { Authorization: `Bearer ${token}` } : {}, cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(patience) });
  if (answer.status === 401 || answer.status === 403) throw new Refused(answer.status);
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return answer.json();
}

export const pathOf = item => `${encodeURIComponent(item.kind)}/${encodeURIComponent(item.namespace)}/${encodeURIComponent(item.name)}`;
