"""Run the demo (`make run`): a synthetic city on this machine, with real servers and a real Airflow. Not for production."""
