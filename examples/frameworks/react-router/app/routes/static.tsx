export default function Page() {
  return <p id="static">the same for everybody</p>;
}
