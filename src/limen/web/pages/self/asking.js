/* Asks the server with JSON; what it refuses becomes an error whose words a person can read. */

export class Refused extends Error {
  constructor(problem) {
    super(problem.title ?? "");
    this.code = problem.reasons?.[0] ?? problem.code ?? "";
    this.advice = problem.advice ?? "";
  }
}

export async function ask(address, values) {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept": "application/json", "X-CSRF-Token": token },
    body: JSON.stringify(values),
  });
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(told);
  return told;
}

/* Puts the words for a problem where readers are told of it at once. */
export function tell(place, problem, words) {
  place.textContent = problem ? words[`problem_${problem.code}`] ?? words.problem : "";
  place.hidden = !problem;
  if (problem) place.scrollIntoView({ block: "nearest" });
}
